import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { copyText } from '../../database/copy-text.js';
import type { SnapshotSplit } from '../../entities/index.js';
import type { FeatureRow } from '../../ml/features/feature-row.js';

export interface NewSnapshotRows {
  readonly snapshotId: string;
  /** Position in `Snapshot.windows`. */
  readonly window: number;
  readonly split: SnapshotSplit;
  readonly rows: readonly FeatureRow[];
  /** In the order of `rows`. */
  readonly labels: Float64Array;
}

/** Writes snapshot rows by COPY, in the transaction that the client is in. */
export async function copySnapshotRows(client: Client, batch: NewSnapshotRows): Promise<void> {
  const stream = client.query(
    copyFrom('copy snapshot_row (snapshot_id, "window", customer_id, split, features, narrative, label) from stdin'),
  );
  const done = finished(stream);
  // A failure is thrown by `await done`; until then it must not count as unhandled.
  done.catch(() => undefined);
  const { snapshotId, window, split, rows, labels } = batch;
  let chunk = '';
  for (const [index, { customerId, features, narrative }] of rows.entries()) {
    const fields = [snapshotId, window, customerId, split, arrayLiteral(features), JSON.stringify(narrative)];
    chunk += `${fields.map((field) => copyText(String(field))).join('\t')}\t${labels[index]}\n`;
    if (chunk.length < 1 << 18 && index < rows.length - 1) continue;
    if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), done]);
    chunk = '';
  }
  stream.end();
  await done;
}

function arrayLiteral(values: readonly (number | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

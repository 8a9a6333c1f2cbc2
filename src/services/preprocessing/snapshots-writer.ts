import type { Client } from 'pg';
import { CopyBatch } from '../../database/copy-batch.js';
import type { SnapshotSplit } from '../../entities/index.js';
import type { FeatureRow } from '../../ml/features/feature-row.js';

interface NewSnapshotRows {
  readonly snapshotId: string;
  /** Position in `Snapshot.windows`. */
  readonly window: number;
  readonly split: SnapshotSplit;
  readonly rows: readonly FeatureRow[];
  /** In the order of `rows`. */
  readonly labels: Float64Array;
}

const columns = ['snapshot_id', '"window"', 'customer_id', 'split', 'features', 'narrative', 'label'];

/** Writes snapshot rows by COPY, in the transaction that the client is in. */
export async function copySnapshotRows(client: Client, batch: NewSnapshotRows): Promise<void> {
  const { snapshotId, window, split, rows, labels } = batch;
  const copied = new CopyBatch('snapshot_row', columns);
  rows.forEach(({ customerId, features, narrative }, i) => {
    copied.add(snapshotId, window, customerId, split, arrayLiteral(features), JSON.stringify(narrative), labels[i]!);
  });
  await copied.send(client);
}

function arrayLiteral(values: readonly (number | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { attributesColumn, type Field, fields, kindFields } from './fields.js';
import type { ImportKind, Rejection } from './import.types.js';
import type { IngestionSession } from './ingestion-session.js';
import type { Rejections } from './rejections.js';
import type { RowMapper } from './row-mapper.js';
import type { RowSource } from './row-source.js';

export interface StagedRows {
  readonly rowsRead: number;
}

/** Makes the temporary table `staged_row`, with every column that the kind may have; it vanishes with the session. */
export async function createStagingTable(session: IngestionSession, kind: ImportKind): Promise<void> {
  const { required, optional, attributes } = kindFields[kind];
  const columns: Pick<Field, 'column' | 'type'>[] = [...required, ...optional].map((name) => fields[name]!);
  if (attributes !== undefined) columns.push({ column: attributesColumn, type: 'jsonb' });
  const definitions = columns.map(({ column, type }) => `${column} ${type}`);
  await session.query(`create temporary table staged_row (line integer, ${definitions.join(', ')})`);
}

/**
 * Copies all rows that can be taken into `staged_row`, and the others into the list of rejections. Reading waits for
 * Postgres, so memory stays bounded.
 * @param onBatch called after each batch of rows
 */
export async function stageRows(
  session: IngestionSession,
  { batches }: RowSource,
  mapper: RowMapper,
  rejections: Rejections,
  onBatch: () => void | Promise<void>,
): Promise<StagedRows> {
  let rowsRead = 0;
  const columns = mapper.stagingColumns.map(({ name }) => name);
  const copy = session.client.query(copyFrom(`copy staged_row (${columns.join(', ')}) from stdin`));
  await pipeline(async function* () {
    for await (const rows of batches) {
      rowsRead += rows.length;
      const rejected: Rejection[] = [];
      let lines = '';
      for (const row of rows) {
        const mapped = mapper.map(row);
        if (typeof mapped === 'string') lines += mapped;
        else rejected.push(mapped);
      }
      await rejections.add(rejected);
      if (lines !== '') yield lines;
      await onBatch();
    }
  }, copy);
  return { rowsRead };
}

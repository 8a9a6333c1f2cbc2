import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type { DataSource } from 'typeorm';
import { IngestionSession } from '../../src/services/ingestion/ingestion-session.js';

/**
 * A file of Online Retail II's columns into a table of texts without indexes, as fast as Postgres can: what an import is
 * measured by.
 */
export async function bareCopy(
  dataSource: DataSource,
  file: readonly [Readable, ...Transform[]],
): Promise<{ rows: number; seconds: number }> {
  await dataSource.query(`create table bare_copy (
    invoice text, stock_code text, description text, quantity text, invoice_date text, price text, customer text,
    country text)`);
  const started = performance.now();
  const rows = await IngestionSession.use(dataSource, undefined, async ({ client }) => {
    const copy = client.query(copyFrom('copy bare_copy from stdin (format csv, header)'));
    await pipeline([...file, copy]);
    return copy.rowCount;
  });
  const seconds = (performance.now() - started) / 1000;
  await dataSource.query('drop table bare_copy');
  return { rows, seconds };
}

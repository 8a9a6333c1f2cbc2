import type { IngestionSession } from '../ingestion-session.js';

/**
 * A staged customer's id such as `13085.0`, as pandas writes numbers of a column with empty fields; null if there is none. Other files and
 * systems know the customer by `13085`.
 */
export async function findDecimalId(session: IngestionSession): Promise<string | null> {
  const [found] = await session.query<{ id: string }>(
    String.raw`select external_id as id from staged_customer where external_id ~ '^[1-9]\d*\.0$' limit 1`,
  );
  return found?.id ?? null;
}

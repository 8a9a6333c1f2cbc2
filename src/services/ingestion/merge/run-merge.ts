import type { Queryable } from '../../../database/queryable.js';

/**
 * The end of a merge that has `different`: columns of `changed`, and for `runMerge` whether another transaction, such as a batch, wrote
 * one of its records meanwhile. Counted, since the planner would compare each row of one with all of the other.
 * @param where of the rows of `changed` that are asked for
 */
export const changedRows = (columns: string, where = 'true'): string => `
  select ${columns}, "isOutrun"
  from (select (select count(*) from different) > (select count(*) from changed) as "isOutrun") as compared
  left join changed on ${where}`;

/**
 * Runs a merge that ends with `changedRows`, and once more if it was outrun: the records that others wrote are locked by then.
 * @returns the rows with an id
 */
export async function runMerge<Row extends { id: string }>(
  queryable: Queryable,
  statement: string,
  parameters: unknown[],
): Promise<Row[]> {
  const run = () => queryable.query<(Row | { id: null }) & { isOutrun: boolean }>(statement, parameters);
  const rows = await run();
  if (rows[0]!.isOutrun) rows.push(...(await run()));
  return rows.filter((row): row is Row & { isOutrun: boolean } => row.id !== null);
}

/** `runMerge` for a load. @param note `insert into ... select ... from changed` */
export async function noteMerge(
  queryable: Queryable,
  merge: string,
  note: string,
  parameters: unknown[],
): Promise<void> {
  await runMerge(queryable, `${merge}, noted as (${note}) ${changedRows('null as id', 'false')}`, parameters);
}

/** `runMerge` for a batch. @returns the rows of `changed` */
export function mergeBatch<Row extends { id: string }>(
  queryable: Queryable,
  merge: string,
  parameters: unknown[],
): Promise<Row[]> {
  return runMerge(queryable, `${merge} ${changedRows('changed.*')}`, parameters);
}

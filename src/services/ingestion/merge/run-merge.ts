import type { Queryable } from '../../../database/queryable.js';

/**
 * Runs a merge that has `different`, and once more if another transaction, such as a batch, wrote one of its records meanwhile. These
 * records are locked by then.
 * @param note `insert into ... select ... from changed`
 */
export async function noteMerge(
  queryable: Queryable,
  merge: string,
  note: string,
  parameters: unknown[],
): Promise<void> {
  const statement = `${merge},
    noted as (${note})
    select (select count(*) from different) > (select count(*) from changed) as "isOutrun"`;
  const [found] = await queryable.query<{ isOutrun: boolean }>(statement, parameters);
  if (found!.isOutrun) await queryable.query(statement, parameters);
}

/** `noteMerge` for a batch. @returns the rows of `changed` */
export async function mergeBatch<Row extends { id: string }>(
  queryable: Queryable,
  merge: string,
  parameters: unknown[],
): Promise<Row[]> {
  const statement = `${merge} select changed.* from different left join changed using (external_id)`;
  const run = () => queryable.query<Row | { id: null }>(statement, parameters);
  const rows = await run();
  if (rows.some(({ id }) => id === null)) rows.push(...(await run()));
  return rows.filter((row): row is Row => row.id !== null);
}

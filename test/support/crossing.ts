import type { DataSource } from 'typeorm';
import { untilLocked } from './waiting.js';

const deadlock = '40P01';

/**
 * Does work that deletes the rows of several customers, while an erasure has deleted the middle one of them and then comes to the outer
 * ones. One of these the work has deleted by then, whichever end it began at, so that each waits for the other. Postgres refuses the work,
 * which has waited longer; on a machine so busy that the erasure comes a second later, it refuses that.
 * @param condition SQL condition on the rows
 */
export async function crossedByErasure<T>(
  dataSource: DataSource,
  table: string,
  condition: string,
  work: () => Promise<T>,
): Promise<T> {
  const rows = await dataSource.query<{ id: string }[]>(
    `select customer_id as id from ${table} where ${condition} order by customer_id`,
  );
  const ids = rows.map(({ id }) => id);
  const middle = ids[Math.floor(ids.length / 2)];
  let working: Promise<T> | undefined;
  const crossing = dataSource.transaction(async (erasure) => {
    const erase = (...some: (string | undefined)[]) =>
      erasure.query(`delete from ${table} where ${condition} and customer_id = any($1::bigint[])`, [some]);
    await erase(middle);
    working = work();
    await untilLocked(dataSource);
    await erase(ids[0], ids.at(-1));
  });
  await crossing.catch((error: { code?: string }) => {
    if (error.code !== deadlock) throw error;
  });
  return working!;
}

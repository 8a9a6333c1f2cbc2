import type { Queryable } from '../../database/queryable.js';
import { utcDayOf } from '../../database/utc-day.js';

/** No shop is without purchases for so long, but those that sell once a year, or whose data have ended. */
const leastDays = 60;

/**
 * The day of the last purchase, if nobody has bought since for longer than ever before: the data end there, or are only of customers
 * who have stopped.
 * @returns as Postgres writes it; undefined where purchases go on until the UTC day of the as-of instant
 */
export async function readSilence(queryable: Queryable, asOf: Date): Promise<string | undefined> {
  const [last] = await queryable.query<{ day: string; days: number }>(
    `select max(day)::text as day, ${utcDayOf('$1')} - max(day) as days from purchase_day
     where net > 0 and day < ${utcDayOf('$1')}`,
    [asOf],
  );
  if (!last || last.days <= leastDays) return undefined;
  const [before] = await queryable.query<{ days: number | null }>(
    `select max(gap) as days from (
       select day - lag(day) over (order by day) as gap from purchase_day
       where net > 0 and day < ${utcDayOf('$1')} group by day
     ) gaps`,
    [asOf],
  );
  // Years, of which alone the dates may tell, differ by a day.
  return last.days > (before?.days ?? 0) + 1 ? last.day : undefined;
}

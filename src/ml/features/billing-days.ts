import type { Queryable } from '../../database/queryable.js';
import { utcDayOf } from '../../database/utc-day.js';
import { sum } from '../../math.js';

/** Purchase days of a month that are on one day of it. */
export interface DayOfMonth {
  /** Any number that tells months apart. */
  readonly month: number;
  /** 1 to 30; the last day of a month counts as 31, however long the month is. */
  readonly day: number;
  readonly purchases: number;
}

/** A day's part of a month's purchases from which on it may be one of billing. Wages and Sundays make of an even part at most its double. */
const leastPart = 3 / 30.44;
/** Standard deviations by which it must exceed that part. */
const beyondChance = 2;
const leastMonths = 3;
/** Part of all purchases that must be on billing days: without them, days tell more than months. */
const leastShare = 0.25;

/**
 * The days of the month on which customers are billed, if a good part of all purchases is on such days: direct debits, subscriptions, standing orders,
 * or dates of which only the month is known. Purchases before the UTC day of the as-of instant count.
 * @returns in ascending order, 31 for the last of the month; none in other shops
 */
export async function readBillingDays(queryable: Queryable, asOf: Date): Promise<number[]> {
  const rows = await queryable.query<DayOfMonth>(
    `select (extract(year from day) * 12 + extract(month from day))::integer as month,
       (case when extract(day from day + 1) = 1 then 31 else extract(day from day) end)::integer as day,
       count(*)::float8 as purchases
     from purchase_day where net > 0 and day < ${utcDayOf('$1')}
     group by 1, 2`,
    [asOf],
  );
  return billingDaysOf(rows);
}

/** @param counts one for each day of each month on which somebody bought */
export function billingDaysOf(counts: readonly DayOfMonth[]): number[] {
  const ofMonth = new Map<number, number>();
  for (const { month, purchases } of counts) ofMonth.set(month, (ofMonth.get(month) ?? 0) + purchases);
  if (ofMonth.size < leastMonths) return [];
  const monthsOfDay = new Map<number, number>();
  for (const { month, day, purchases } of counts) {
    if (purchases - beyondChance * Math.sqrt(purchases) <= leastPart * ofMonth.get(month)!) continue;
    monthsOfDay.set(day, (monthsOfDay.get(day) ?? 0) + 1);
  }
  const days = [...monthsOfDay].flatMap(([day, months]) => (2 * months > ofMonth.size ? [day] : []));
  const onThem = sum(counts.filter(({ day }) => days.includes(day)).map(({ purchases }) => purchases));
  return onThem > leastShare * sum([...ofMonth.values()]) ? days.sort((a, b) => a - b) : [];
}

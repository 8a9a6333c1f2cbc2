import type { Queryable } from '../../database/queryable.js';
import { utcDayOf } from '../../database/utc-day.js';
import { yearDays } from '../../days.js';

/** One customer's repeat purchases in one year before an as-of day. */
export interface ValuesOfYear {
  readonly customerId: string;
  /** Whole years ago: 0 for the last one. */
  readonly year: number;
  readonly count: number;
  /** Sums of days before the as-of day, of natural logs of the values in currency, less what customers spend more in that
   * month of the year, and of the squares of these logs. */
  readonly daysAgo: number;
  readonly log: number;
  readonly square: number;
}

/**
 * By customer and year, repeat purchases of the last `years` years of those who made some in more than one of them. Left out are values
 * of another kind: ten times the mean of the customer's repeat purchases, or a tenth of it. Sums are of exact numerics, so that they do not
 * depend on the plan or on the order of rows.
 */
export function computeValuesByYear(
  queryable: Queryable,
  {
    asOf,
    customerIds,
    years,
  }: { readonly asOf: Date; readonly customerIds: readonly string[]; readonly years: number },
): Promise<ValuesOfYear[]> {
  return queryable.query<ValuesOfYear>(
    `select "customerId", year, count, "daysAgo", log, square
     from (
       select customer_id as "customerId", floor((days_ago - 1) / ${yearDays})::integer as year, count(*)::integer as count,
         sum(days_ago)::float8 as "daysAgo", sum(log)::float8 as log, sum(log * log)::float8 as square,
         count(*) over (partition by customer_id) as seen
       from (
         select customer_id, days_ago, log - avg(log - own) over (partition by month) as log
         from (
           select *, avg(log) over (partition by customer_id) as own
           from (
             select customer_id, as_of - day as days_ago, extract(month from day) as month, ln(net) as log,
               ln(avg(net) over (partition by customer_id)) as usual
             from purchase_day join customer_summary using (customer_id), (select ${utcDayOf('$1')} as as_of) asked
             where customer_id = any($2::bigint[]) and net > 0 and day > first_day and day < as_of
           ) repeats
           where abs(log - usual) <= ln(10.0) and days_ago <= floor(${yearDays} * $3)
         ) alike
       ) out_of_season
       group by 1, 2
     ) by_year
     where seen > 1
     order by 1, 2`,
    [asOf, customerIds, years],
  );
}

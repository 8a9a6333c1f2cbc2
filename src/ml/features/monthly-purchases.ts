import type { Queryable } from '../../database/queryable.js';
import type { MonthOfPurchases } from './prior/learn-sales-season.js';

/** Repeat purchase days of the customers before the as-of day, by calendar month; UTC. */
export function computeMonthlyPurchases(
  queryable: Queryable,
  { asOf, customerIds }: { readonly asOf: Date; readonly customerIds: readonly string[] },
): Promise<MonthOfPurchases[]> {
  return queryable.query<MonthOfPurchases>(
    `select extract(year from day)::integer as year, extract(month from day)::integer as month,
       count(*)::integer as "repeatPurchases"
     from (
       select day, min(day) over (partition by customer_id) as first_day
       from purchase_day
       where customer_id = any($2::bigint[]) and net > 0 and day < ($1::timestamptz at time zone 'UTC')::date
     ) bought
     where day > first_day
     group by 1, 2 order by 1, 2`,
    [asOf, customerIds],
  );
}

import type { Queryable } from '../../database/queryable.js';
import { utcDayOf } from '../../database/utc-day.js';

export interface SalesOfDay {
  /** Whole days before the as-of day, 1 and more. */
  readonly daysAgo: number;
  /** Net spend, in currency. */
  readonly net: number;
  /** The part of `net` of customers who had bought on an earlier day. */
  readonly repeatNet: number;
}

/** What customers spent on the days before the as-of day. */
export async function computeRecentSales(
  queryable: Queryable,
  { asOf, customerIds }: { readonly asOf: Date; readonly customerIds: readonly string[] },
): Promise<SalesOfDay[]> {
  return queryable.query<SalesOfDay>(
    `select as_of - day as "daysAgo", sum(net)::float8 as net,
       coalesce(sum(net) filter (where day > first_day), 0)::float8 as "repeatNet"
     from purchase_day join customer_summary using (customer_id),
       (select ${utcDayOf('$1')} as as_of) asked
     where customer_id = any($2::bigint[]) and day < as_of
     group by 1 order by 1`,
    [asOf, customerIds],
  );
}

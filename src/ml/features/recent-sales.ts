import type { Queryable } from '../../database/queryable.js';

/** What customers spent on the days before the as-of day. */
export interface RecentSales {
  /** Net spend `daysAgo` whole days before the as-of day, 1 and more; in currency. */
  readonly byDay: readonly { readonly daysAgo: number; readonly net: number }[];
}

export async function computeRecentSales(
  queryable: Queryable,
  { asOf, customerIds }: { readonly asOf: Date; readonly customerIds: readonly string[] },
): Promise<RecentSales> {
  const byDay = await queryable.query<{ daysAgo: number; net: number }>(
    `select as_of - day as "daysAgo", sum(net)::float8 as net
     from purchase_day, (select ($1::timestamptz at time zone 'UTC')::date as as_of) asked
     where customer_id = any($2::bigint[]) and day < as_of
     group by 1 order by 1`,
    [asOf, customerIds],
  );
  return { byDay };
}

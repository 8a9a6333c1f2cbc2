import type { Queryable } from '../../database/queryable.js';
import { utcDayOf } from '../../database/utc-day.js';

/** Number of repeat purchases on one day by the customers of one first day. Days since 1970-01-01, UTC. */
export interface RepeatPurchases {
  readonly firstDay: number;
  readonly day: number;
  readonly count: number;
}

interface Customers {
  readonly asOf: Date;
  readonly customerIds: readonly string[];
}

/** Repeat purchase days of the customers before the as-of day, always in the same order: likelihoods are sums over them. */
export function computeRepeatPurchases(queryable: Queryable, customers: Customers): Promise<RepeatPurchases[]> {
  return countRepeats(queryable, customers, 'nth > 1');
}

/** Second purchase days of the customers before the as-of day: when they came back for the first time. */
export function computeComebacks(queryable: Queryable, customers: Customers): Promise<RepeatPurchases[]> {
  return countRepeats(queryable, customers, 'nth = 2');
}

function countRepeats(
  queryable: Queryable,
  { asOf, customerIds }: Customers,
  counted: 'nth > 1' | 'nth = 2',
): Promise<RepeatPurchases[]> {
  return queryable.query<RepeatPurchases>(
    `select first_day - date '1970-01-01' as "firstDay", day - date '1970-01-01' as day, count(*)::integer as count
     from (
       select day, first_value(day) over customer as first_day, row_number() over customer as nth
       from purchase_day
       where customer_id = any($2::bigint[]) and net > 0 and day < ${utcDayOf('$1')}
       window customer as (partition by customer_id order by day)
     ) bought
     where ${counted}
     group by 1, 2
     order by 1, 2`,
    [asOf, customerIds],
  );
}

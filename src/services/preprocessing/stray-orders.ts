import type { Queryable } from '../../database/queryable.js';
import { ClvError } from '../../errors.js';

/** Fewer purchase days than this cannot tell a stray from the rest. */
const leastPurchaseDays = 100;
/** So few of all purchase days, and after so long a silence, are strays rather than the shop. */
const strayShare = 0.001;
const silenceDays = 60;
const mostStrays = 1_000;

/**
 * One order with a wrong date, months after all others, would make everybody look long lost by the date that it sets.
 * @param asOf the date that the newest orders have set
 * @throws ClvError CONFLICT where hardly any orders come long after all others
 */
export async function refuseStrayOrders(queryable: Queryable, asOf: Date): Promise<void> {
  const [stray] = await queryable.query<{ orders: number; first: string; last: string; silent: number }>(
    `with newest as (
       select day, row_number() over (order by day desc)::integer as place
       from (
         select day from purchase_day
         where day < ($1::timestamptz at time zone 'UTC')::date and net > 0 order by day desc limit $2
       ) days
     ),
     gaps as (select place, day, lead(day) over (order by place) as previous from newest)
     select place as orders, day::text as first, (select max(day) from newest)::text as last, day - previous as silent
     from gaps
     where day - previous > $3 and place <= (
       select greatest(count(*) * $4::float8, 1) from purchase_day having count(*) >= $5)
     order by place desc limit 1`,
    [asOf, mostStrays, silenceDays, strayShare, leastPurchaseDays],
  );
  if (!stray) return;
  const { orders, first, last, silent } = stray;
  const which = orders === 1 ? `One purchase, of ${first}, comes` : `${orders} purchases, of ${first} to ${last}, come`;
  throw new ClvError(
    'CONFLICT',
    `${which} ${silent} days after all others. If the date is wrong, correct or remove the order; if it is right, say by ` +
      'asOf from when the shop is to be looked at.',
  );
}

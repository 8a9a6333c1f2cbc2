import { utcDayOf } from '../../database/utc-day.js';
import type { Config } from '../../config.js';
import type { Queryable } from '../../database/queryable.js';
import { midnightOf } from '../../days.js';
import { ClvError } from '../../errors.js';
import { newestPurchaseDay, servingAsOf } from '../predictions/serving-as-of.js';

/** Fewer purchase days than this cannot tell a stray from the rest. */
const leastPurchaseDays = 100;
/** So few of all purchase days, and after so long a silence, are strays rather than the shop. */
const strayShare = 0.001;
const silenceDays = 60;
const mostStrays = 1_000;
/** So few after a shorter silence may be right, but say that what came with them has yet to be imported. */
const pendingDays = 3;

/**
 * The as-of date of a run that names none.
 * @throws ClvError CONFLICT where a few stray orders would set it
 */
export async function defaultAsOf(queryable: Queryable, config: Pick<Config, 'asOf'>): Promise<Date> {
  const present = await servingAsOf(queryable, config);
  if (config.asOf === 'auto') await refuseStrayOrders(queryable, present);
  return present;
}

/**
 * One order with a wrong date, months after all others, would make everybody look long lost by the date that it sets.
 * @param asOf the date that the newest orders have set
 * @throws ClvError CONFLICT where hardly any orders come long after all others
 */
export async function refuseStrayOrders(queryable: Queryable, asOf: Date): Promise<void> {
  const stray = await findStrays(queryable, asOf, silenceDays);
  if (!stray) return;
  const { orders, first, last, silent } = stray;
  const which = orders === 1 ? `One purchase, of ${first}, comes` : `${orders} purchases, of ${first} to ${last}, come`;
  throw new ClvError(
    'CONFLICT',
    `${which} ${silent} days after all others. If the date is wrong, correct or remove the order; if it is right, say from ` +
      'when the shop is to be looked at: by asOf, or for a retrain, which takes none, by CLVGRAPH_AS_OF.',
  );
}

/**
 * Up to when what customers bought is known: the newest day of a purchase, as midnight UTC, that hardly any orders alone have
 * set, whose date may be wrong, or whose like may yet have to be imported.
 * @param before days from this instant on are not looked at
 */
export async function lastKnownDay(queryable: Queryable, before: Date): Promise<Date | null> {
  const stray = await findStrays(queryable, before, pendingDays);
  if (stray) return midnightOf(stray.previous);
  const [last] = await queryable.query<{ day: string | null }>(
    `select day::text as day from (${newestPurchaseDay} and day < ${utcDayOf('$1')}) newest`,
    [before],
  );
  return last?.day ? midnightOf(last.day) : null;
}

interface Strays {
  readonly orders: number;
  /** Days as Postgres writes them. */
  readonly first: string;
  readonly last: string;
  /** The newest day of all others. */
  readonly previous: string;
  /** Days between these. */
  readonly silent: number;
}

async function findStrays(queryable: Queryable, before: Date, silence: number): Promise<Strays | undefined> {
  const [stray] = await queryable.query<Strays>(
    `with newest as (
       select day, row_number() over (order by day desc)::integer as place
       from (
         select day from purchase_day
         where day < ${utcDayOf('$1')} and net > 0 order by day desc limit $2
       ) days
     ),
     gaps as (select place, day, lead(day) over (order by place) as previous from newest)
     select place as orders, day::text as first, (select max(day) from newest)::text as last,
       previous::text as previous, day - previous as silent
     from gaps
     where day - previous > $3 and place <= (
       select greatest(count(*) * $4::float8, 1) from purchase_day having count(*) >= $5)
     order by place desc limit 1`,
    [before, mostStrays, silence, strayShare, leastPurchaseDays],
  );
  return stray;
}

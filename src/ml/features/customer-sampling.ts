import type { Queryable } from '../../database/queryable.js';
import { utcDayOf, utcMidnightOf } from '../../database/utc-day.js';

/** Share of customers who are held out for validation: always the same ones, by a hash of their external id. */
const heldOutShare = 0.15;
/** Days of the as-of instant, in UTC. */
const asOfDay = utcDayOf('$1');

/** Customers with a purchase occasion before the as-of day, and those without, by reason. */
export interface CustomerCounts {
  readonly kept: number;
  /**
   * First day of the history: the day by which 0.5 % of the customers had bought. With a few stray orders, such as one of 1970-01-01, a
   * young shop would otherwise get training windows from before it existed. Null without customers.
   */
  readonly historyBegins: Date | null;
  /** No order before the as-of day. */
  readonly withoutOrders: number;
  /** Orders, but nothing left of them after cleaning: postage, gifts, zero totals. */
  readonly withoutMerchandise: number;
  /** Purchase days, but none with positive net spend. */
  readonly onlyReturns: number;
}

/**
 * A temporary table of every customer's first purchase occasion and of the hash that samples are drawn by. It lives as
 * long as the transaction; every function below reads it.
 */
export async function prepareSampling(queryable: Queryable, asOf: Date): Promise<CustomerCounts> {
  await queryable.query(
    `create temporary table sampled_customer on commit drop as
     select c.id, first_day, md5(c.source || chr(31) || c.external_id) as hash
     from (
       select customer_id, min(day) filter (where net > 0) as first_day
       from purchase_day where day < ${asOfDay} group by customer_id
     ) bought
     join customer c on c.id = bought.customer_id`,
    [asOf],
  );
  await queryable.query('analyze sampled_customer');
  const [row] = await queryable.query<Record<string, string> & { first_day: string | null }>(
    `select count(first_day) as kept,
       (percentile_disc(0.005) within group (order by first_day))::text as first_day,
       count(*) - count(first_day) as only_returns,
       (select count(*) from customer) as customers,
       (select count(distinct customer_id) from customer_order
        where placed_at < ${utcMidnightOf(asOfDay)}) as with_orders
     from sampled_customer`,
    [asOf],
  );
  const count = (name: string): number => Number(row![name]);
  return {
    kept: count('kept'),
    historyBegins: row!.first_day === null ? null : new Date(row!.first_day),
    withoutOrders: count('customers') - count('with_orders'),
    withoutMerchandise: count('with_orders') - count('kept') - count('only_returns'),
    onlyReturns: count('only_returns'),
  };
}

/** TRAIN: learnt from in every window. VALIDATION: held out, used in the validation window only. */
export type CustomerSplit = 'TRAIN' | 'VALIDATION';

/** How many customers of each split had bought before the as-of day. */
export async function countSplits(queryable: Queryable, asOf: Date): Promise<Record<CustomerSplit, number>> {
  const [row] = await queryable.query<{ train: string; validation: string }>(
    `select count(*) filter (where not ${heldOut}) as train, count(*) filter (where ${heldOut}) as validation
     from sampled_customer where first_day < ${asOfDay}`,
    [asOf],
  );
  return { TRAIN: Number(row!.train), VALIDATION: Number(row!.validation) };
}

interface SampleRequest {
  readonly asOf: Date;
  readonly split: CustomerSplit;
  /** Share of the split's customers to draw. */
  readonly share: number;
  /** Samples of different salts are independent. */
  readonly salt: string;
}

/** A sample of a split's customers who had bought before the as-of day; always the same one. */
export async function drawCustomers(
  queryable: Queryable,
  { asOf, split, share, salt }: SampleRequest,
): Promise<string[]> {
  const rows = await queryable.query<{ id: string }>(
    `select id from sampled_customer
     where first_day < ${asOfDay} and ${split === 'VALIDATION' ? heldOut : `not ${heldOut}`}
       and ($2::float8 >= 1 or ${uniform('md5(hash || $3::text)')} < $2::float8)
     order by id`,
    [asOf, share, salt],
  );
  return rows.map(({ id }) => id);
}

/** About `size` of all customers who had bought before the as-of day, whatever their split. */
export async function drawForPrior(queryable: Queryable, asOf: Date, size: number): Promise<string[]> {
  const rows = await queryable.query<{ id: string }>(
    `select id from sampled_customer
     where first_day < ${asOfDay} and ${uniform(`md5(hash || 'prior')`)} <
       $2::float8 / greatest((select count(*) from sampled_customer where first_day < ${asOfDay}), 1)
     order by id`,
    [asOf, size],
  );
  return rows.map(({ id }) => id);
}

/** A hexadecimal hash as a number in [0, 1). */
function uniform(hash: string): string {
  return `(('x' || substr(${hash}, 1, 8))::bit(32)::bigint / 4294967296.0)`;
}

const heldOut = `(${uniform('hash')} < ${heldOutShare})`;

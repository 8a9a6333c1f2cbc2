import type { DataSource } from 'typeorm';
import type { Config } from '../../../src/config.js';
import type { CustomerFilter } from '../../../src/services/customers/customer-filter.types.js';
import { CustomerListService } from '../../../src/services/customers/customer-list.service.js';
import { encodeCursor } from '../../../src/services/paging.js';
import { horizonDays } from './model-steps.js';
import type { QueryResult } from './scale-results.js';
import { shopEnd } from './shop.js';

const repetitions = 20;
const pageSize = 50;

interface SegmentCase {
  readonly name: string;
  readonly filter: CustomerFilter;
  /** What one would write by hand, over `customer c`, `customer_summary s` and the scored `prediction p`. */
  readonly byHand: string;
}

const scored = (from: string, where: string): string => `
  select count(*)::int as count, coalesce(sum(p.expected_value), 0) as total
  from ${from} where p.model_id = $1 and p.horizon_days = $2 and p.as_of = $3 and ${where}`;

function segmentCases(clv: { p50: number; p99: number }): SegmentCase[] {
  const withSummary = 'prediction p join customer_summary s on s.customer_id = p.customer_id';
  return [
    {
      name: 'the best hundredth by CLV (indexed)',
      filter: { clv: { min: clv.p99 } },
      byHand: scored('prediction p', `p.expected_value >= ${clv.p99}`),
    },
    {
      name: 'the best hundredth by percentile (indexed)',
      filter: { percentile: { min: 99 } },
      byHand: scored('prediction p', 'p.percentile >= 99'),
    },
    {
      name: 'last order within 7 days (indexed)',
      filter: { recencyDays: { max: 7 } },
      byHand: scored(withSummary, `s.last_day >= ($3::timestamptz at time zone 'UTC')::date - 7`),
    },
    {
      name: 'better half by CLV',
      filter: { clv: { min: clv.p50 } },
      byHand: scored('prediction p', `p.expected_value >= ${clv.p50}`),
    },
    {
      name: 'at least 10 orders and CLV above the median',
      filter: { orders: { min: 10 }, clv: { min: clv.p50 } },
      byHand: scored(withSummary, `s.orders >= 10 and p.expected_value >= ${clv.p50}`),
    },
  ];
}

/** Count and worth of segments beside hand-written SQL, and pages by CLV at several depths, of the scored base. */
export async function measureQueries(dataSource: DataSource, config: Config): Promise<QueryResult[]> {
  const period = await ensureScored(dataSource);
  const lists = new CustomerListService(dataSource, config);
  const [clv] = await dataSource.query<[{ p50: number; p99: number }]>(
    `select percentile_disc(0.5) within group (order by expected_value) as p50,
       percentile_disc(0.99) within group (order by expected_value) as p99 from prediction`,
  );
  const results: QueryResult[] = [];
  for (const { name, filter, byHand } of segmentCases(clv)) {
    const [ours, hand] = await byTurns(
      () => lists.aggregate(filter),
      () => dataSource.query<[{ count: number; total: number }]>(byHand, period),
    );
    const [{ count, total }] = hand.last;
    if (ours.last.count !== count || Math.abs(ours.last.totalPredicted! - total) > 1e-6 * total) {
      throw new Error(`Segment "${name}": ${ours.last.count} customers are not the ${count} of the hand-written SQL.`);
    }
    results.push({ name, rows: count, ...ours.times, handWrittenP95: hand.times.p95 });
  }
  for (const share of [0, 0.1, 0.5, 0.9, 0.99]) {
    const after = await cursorAt(dataSource, share);
    const page = () => lists.page({ first: pageSize, after, orderBy: { field: 'CLV', direction: 'DESC' } });
    const [{ times, last }] = await byTurns(page, page);
    results.push({ name: `page by CLV at ${100 * share} %`, rows: last.edges.length, ...times, handWrittenP95: null });
  }
  return results;
}

/** Predictions as a scoring of the base leaves them, where there are none: these steps measure queries, not scoring. */
async function ensureScored(dataSource: DataSource): Promise<[string, number, Date]> {
  const [model] = await dataSource.query<{ id: string }[]>(
    `insert into model_version (base, strategy, objective, state, scored_as_of, scored_horizon_days)
     select 'built-in', 'FULL', 'ZILN', 'ACTIVE', $1, $2
     where not exists (select 1 from model_version where state = 'ACTIVE') returning id`,
    [shopEnd, horizonDays],
  );
  const [active] = await dataSource.query<{ id: string }[]>(`select id from model_version where state = 'ACTIVE'`);
  const id = model?.id ?? active!.id;
  await dataSource.query('update model_version set scored_as_of = $2, scored_horizon_days = $3 where id = $1', [
    id,
    shopEnd,
    horizonDays,
  ]);
  const period: [string, number, Date] = [id, horizonDays, shopEnd];
  const [{ count, customers }] = await dataSource.query<[{ count: number; customers: number }]>(
    `select (select count(*) from prediction where model_id = $1 and horizon_days = $2 and as_of = $3)::int as count,
       (select count(*) from customer_summary where first_day is not null)::int as customers`,
    period,
  );
  if (count === customers) return period;
  await dataSource.query('truncate prediction');
  await dataSource.query(
    `insert into prediction (model_id, horizon_days, as_of, customer_id, basis, expected_value, purchase_probability,
       mu, sigma, expected_orders, percentile, facts_changed_at, feature_hash)
     select $1, $2, $3, customer_id, 'MODEL', value, probability, ln(value + 1), 1, orders, 100 * percent_rank() over
       (order by value), facts_changed_at, left(md5(customer_id::text), 22)
     from (
       select s.customer_id, c.facts_changed_at, s.orders * probability as orders, probability,
         coalesce(s.mean_occasion_value, 0)::float8 * s.occasions * probability
           * exp(0.3 * sqrt(-2 * ln(u)) * cos(6.283 * v)) as value
       from customer_summary s join customer c on c.id = s.customer_id,
         lateral (select (hashint8(s.customer_id) & 65535 | 1) / 65536.0 as u,
           (hashint8(s.customer_id + 1) & 65535) / 65536.0 as v,
           0.95 * exp(-($3::date - s.last_day) / 200.0) + 0.01 as probability) drawn
       where s.first_day is not null
     ) predicted`,
    period,
  );
  await dataSource.query('vacuum analyze prediction');
  await dataSource.query('vacuum analyze customer');
  await dataSource.query('vacuum analyze customer_summary');
  return period;
}

/** Of the customer behind whom the given share of the base lies before the page. */
async function cursorAt(dataSource: DataSource, share: number): Promise<string | null> {
  if (share === 0) return null;
  const [row] = await dataSource.query<[{ value: string; id: string }]>(
    `select expected_value::text as value, customer_id as id from prediction
     order by expected_value desc, customer_id desc
     offset (select (count(*) * $1::float8)::bigint from prediction) limit 1`,
    [share],
  );
  return encodeCursor(['CLV DESC', row.value, row.id]);
}

interface Repeated<T> {
  readonly last: T;
  readonly times: { readonly median: number; readonly p95: number };
}

/** Runs both `repetitions` times, one after the other, after a first round that is not counted. */
async function byTurns<A, B>(a: () => Promise<A>, b: () => Promise<B>): Promise<[Repeated<A>, Repeated<B>]> {
  let [lastA, lastB] = [await a(), await b()];
  const [timesA, timesB]: [number[], number[]] = [[], []];
  for (let round = 0; round < repetitions; round++) {
    const started = performance.now();
    lastA = await a();
    const between = performance.now();
    lastB = await b();
    timesA.push(between - started);
    timesB.push(performance.now() - between);
  }
  return [
    { last: lastA, times: summary(timesA) },
    { last: lastB, times: summary(timesB) },
  ];
}

function summary(times: readonly number[]): { median: number; p95: number } {
  const sorted = times.toSorted((a, b) => a - b);
  return { median: sorted[sorted.length >> 1]!, p95: sorted[Math.ceil(0.95 * sorted.length) - 1]! };
}

import type { Queryable } from '../../database/queryable.js';
import { utcDayOf } from '../../database/utc-day.js';
import { dayOf } from '../../days.js';
import type { PredictionBasis } from '../../entities/index.js';
import { sigmoid } from '../../math.js';
import type { ScoredCustomer } from '../scoring/customer-scoring.js';

/** Which predictions belong together: those of one model for one period. */
export interface PredictionPeriod {
  readonly modelId: string;
  readonly horizonDays: number;
  readonly asOf: Date;
  /** Without a model, the fit of the prior that predicted them: see `PriorModels`. */
  readonly fit?: string | undefined;
}

/** Identifies a period of a model. */
export const keyOfPeriod = ({ modelId, horizonDays, asOf, fit = '' }: PredictionPeriod): string =>
  `${modelId}/${horizonDays}/${asOf.getTime()}/${fit}`;

/** A prediction as it is stored. */
export interface StoredPrediction {
  readonly customerId: string;
  readonly basis: PredictionBasis;
  readonly basisReason: string | null;
  readonly expectedValue: number;
  readonly purchaseProbability: number;
  readonly mu: number;
  readonly sigma: number;
  readonly expectedOrders: number;
  readonly percentile: number | null;
  readonly featureHash: string;
  readonly computedAt: Date;
  /** As in its period; a prediction with a fit is not stored. */
  readonly fit?: string | undefined;
}

const columns = `p.customer_id as "customerId", basis, basis_reason as "basisReason", expected_value as "expectedValue",
  purchase_probability as "purchaseProbability", mu, sigma, expected_orders as "expectedOrders", percentile,
  feature_hash as "featureHash", computed_at as "computedAt"`;

/** A customer's stored prediction, if it is still valid: nothing that features are computed from has changed since. */
export interface KeptPrediction {
  readonly customerId: string;
  readonly factsVersion: string;
  readonly prediction: StoredPrediction | null;
}

/** Those of the customers who have bought before the as-of date, with their stored predictions. */
export async function findKeptPredictions(
  queryable: Queryable,
  { modelId, horizonDays, asOf }: PredictionPeriod,
  customerIds: readonly string[],
): Promise<KeptPrediction[]> {
  const rows = await queryable.query<StoredPrediction & { readonly known: string; readonly version: string }>(
    `select s.customer_id as known, c.facts_changed_at::text as version, ${columns}
     from customer_summary s
     join customer c on c.id = s.customer_id
     left join prediction p on p.model_id = $1 and p.horizon_days = $2 and p.as_of = $3
       and p.customer_id = c.id and p.facts_changed_at = c.facts_changed_at
     where s.customer_id = any($4::bigint[]) and s.first_day < ${utcDayOf('$3')}`,
    [modelId, horizonDays, asOf, customerIds],
  );
  return rows.map(({ known, version, ...prediction }) => ({
    customerId: known,
    factsVersion: version,
    prediction: prediction.customerId === null ? null : prediction,
  }));
}

/** `facts_changed_at` as text, which keeps its microseconds. */
export async function factsChangedAtOf(
  queryable: Queryable,
  customerIds: readonly string[],
): Promise<Map<string, string>> {
  const rows = await queryable.query<{ id: string; changed: string }>(
    'select id, facts_changed_at::text as changed from customer where id = any($1::bigint[])',
    [customerIds],
  );
  return new Map(rows.map(({ id, changed }) => [id, changed]));
}

/** Ranked predictions of the model's last scoring for the horizon, also of an earlier day; without one, of this period. */
const ranked = `o.model_id = $1 and o.horizon_days = $2 and o.percentile is not null and o.as_of = coalesce(
    (select m.scored_as_of from model_version m where m.id = $1 and m.scored_horizon_days = $2), $3)`;

/**
 * The percentile of the ranked customer just below, so that the base need not be ranked again for a few customers. 0 below all; null
 * where nobody was ranked.
 */
const estimatedPercentile = `coalesce(
  (select o.percentile from prediction o
   where ${ranked} and o.expected_value <= n.expected_value
   order by o.expected_value desc limit 1),
  (select 0 from prediction o where ${ranked} limit 1))`;

/** Whether the base was ranked for the horizon. */
export async function isRanked(queryable: Queryable, period: PredictionPeriod): Promise<boolean> {
  const [row] = await queryable.query<{ ranked: boolean }>(
    `select exists (select 1 from prediction o where ${ranked}) as ranked`,
    [period.modelId, period.horizonDays, period.asOf],
  );
  return row?.ranked ?? false;
}

/** Percentiles of values among the ranked predictions, in the order of the values; null where nobody was ranked. */
export async function placesAmongRanked(
  queryable: Queryable,
  { modelId, horizonDays, asOf }: PredictionPeriod,
  values: readonly number[],
): Promise<(number | null)[]> {
  const rows = await queryable.query<{ percentile: number | null }>(
    `select ${estimatedPercentile} as percentile
     from unnest($4::float8[]) with ordinality as n (expected_value, place) order by n.place`,
    [modelId, horizonDays, asOf, values],
  );
  return rows.map(({ percentile }) => percentile);
}

/**
 * Writes predictions of a scoring in one statement, in place of older ones. The ranks of these stay until `rankPredictions` ranks the base
 * again.
 * @param factsChangedAt `customer.facts_changed_at` as text (a Date would lose its microseconds) by customer id, read
 *   before the features were computed
 */
export async function savePredictions(
  queryable: Queryable,
  period: PredictionPeriod,
  scored: readonly ScoredCustomer[],
  factsChangedAt: ReadonlyMap<string, string>,
): Promise<void> {
  // Since lists read these predictions, it waits for transactions that remove purchases (see `refreshPurchaseDays`).
  const rows = `${given('null::real')}, s`;
  await queryable.query(insertOf(`(${rows})`), saveParameters(period, scored, factsChangedAt));
}

/**
 * Places a few customers among the ranked ones and stores their predictions. Not of a period that was scored and ranked: reading a list
 * would move its rows. Nor of a model that was deleted meanwhile, or that ranks a base at the moment, since the ranking would miss them.
 * @returns the predictions with their percentiles, stored or not
 */
export function saveAmongRanked(
  queryable: Queryable,
  period: PredictionPeriod,
  scored: readonly ScoredCustomer[],
  factsChangedAt: ReadonlyMap<string, string>,
): Promise<StoredPrediction[]> {
  const statement = `
    with placed as materialized (${given(estimatedPercentile)}),
    kept as (
      ${insertOf(`(
        select * from placed where exists (
          select 1 from model_version m
          where m.id = $1 and (m.scored_horizon_days, m.scored_as_of) is distinct from ($2, $3)
          for share skip locked))`)}
    )
    select ${columns} from (select *, now() as computed_at from placed) p`;
  return queryable.query<StoredPrediction>(statement, saveParameters(period, scored, factsChangedAt));
}

/** The rows to write, without those of customers who, or whose purchases, were erased meanwhile. */
const given = (percentile: string): string => `
  select n.*, ${percentile} as percentile
  from unnest($4::bigint[], $5::prediction_basis[], $6::text[], $7::float8[], $8::real[], $9::real[], $10::real[],
    $11::real[], $12::date[], $13::text[], $14::timestamptz[])
    as n (customer_id, basis, basis_reason, expected_value, purchase_probability, mu, sigma, expected_orders,
          expected_next_order_date, feature_hash, facts_changed_at)
  join customer c on c.id = n.customer_id
  join customer_summary s on s.customer_id = c.id and s.first_day < ${utcDayOf('$3')}
  order by n.customer_id -- as all do, so that nobody waits for one who waits for him
  for key share of c`;

const insertOf = (rows: string): string => `
  insert into prediction as p (model_id, horizon_days, as_of, customer_id, basis, basis_reason, expected_value,
    purchase_probability, mu, sigma, expected_orders, expected_next_order_date, feature_hash, facts_changed_at,
    percentile)
  select $1, $2, $3, n.* from ${rows} n
  order by n.customer_id -- as all do, too
  on conflict (model_id, horizon_days, as_of, customer_id) do update set
    basis = excluded.basis, basis_reason = excluded.basis_reason, expected_value = excluded.expected_value,
    purchase_probability = excluded.purchase_probability, mu = excluded.mu, sigma = excluded.sigma,
    expected_orders = excluded.expected_orders, expected_next_order_date = excluded.expected_next_order_date,
    feature_hash = excluded.feature_hash,
    facts_changed_at = excluded.facts_changed_at, percentile = coalesce(excluded.percentile, p.percentile),
    computed_at = now()`;

function saveParameters(
  { modelId, horizonDays, asOf }: PredictionPeriod,
  scored: readonly ScoredCustomer[],
  factsChangedAt: ReadonlyMap<string, string>,
): unknown[] {
  const column = <T>(value: (row: ScoredCustomer) => T): T[] => scored.map(value);
  return [
    modelId,
    horizonDays,
    asOf,
    column((row) => row.customerId),
    column((row) => row.basis),
    column((row) => row.basisReason),
    column((row) => row.expectedValue),
    column((row) => sigmoid(row.logit)),
    column((row) => row.mu),
    column((row) => row.sigma),
    column((row) => row.expectedOrders),
    column((row) => dayOf(row.expectedNextOrderDate)),
    column((row) => row.featureHash),
    column((row) => factsChangedAt.get(row.customerId)),
  ];
}

/** Removes the predictions of customers whose purchases are gone. */
export async function removePredictions(
  queryable: Queryable,
  { modelId, asOf }: PredictionPeriod,
  customerIds: readonly string[],
): Promise<void> {
  if (customerIds.length === 0) return;
  await queryable.query(
    'delete from prediction where model_id = $1 and as_of = $2 and customer_id = any($3::bigint[])',
    [modelId, asOf, customerIds],
  );
}

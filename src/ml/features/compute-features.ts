import type { Queryable } from '../../database/queryable.js';
import { utcDayOf } from '../../database/utc-day.js';
import { mean } from '../../math.js';
import { slicesOf } from '../../slices.js';
import { renderNarrative, type NarrativeContext } from '../text/narrative.js';
import type { FeatureRow } from './feature-row.js';
import { type Covariate, covariateSpans } from '../text/covariate-span.js';
import type { NarrativeSpan } from './feature-group.js';
import { eventsSince } from './event-tables.js';
import { covariateStatement, featureStatement, rfmStatement } from './feature-statement.js';
import { type RfmColumns, type RfmSummary, toRfmColumns } from './prior/rfm-summary.js';

export interface FeatureRequest {
  /** Purchase days and events strictly before its UTC day reach the features. */
  readonly asOf: Date;
  /** Database ids; all customers without it. */
  readonly customerIds?: readonly string[];
  /** Attributes that the narratives tell; none without it. */
  readonly covariates?: readonly string[] | undefined;
}

/**
 * Features and narratives as of an instant, ordered by customer id. Customers with no purchase occasion before it get
 * no row. Training, scoring and a query for one customer all come through here, with the same statement.
 */
export async function computeFeatures(
  queryable: Queryable,
  { asOf, customerIds, covariates = [] }: FeatureRequest,
): Promise<FeatureRow[]> {
  const parameters = [asOf, customerIds ?? null, eventsSince(asOf)];
  const rows =
    covariates.length === 0
      ? await queryable.query<StatementRow>(withoutCovariates, parameters)
      : await queryable.query<StatementRow>(withCovariates, [...parameters, covariates]);
  return toFeatureRows(rows, asOf);
}

const withoutCovariates = featureStatement();
const withCovariates = featureStatement('$4');

/** A row of the feature statement. */
export interface StatementRow {
  readonly customer_id: string;
  readonly features: (number | null)[];
  readonly context: NarrativeContext;
}

export function toFeatureRows(rows: readonly StatementRow[], asOf: Date): FeatureRow[] {
  return rows.map(({ customer_id: customerId, features, context }) => ({
    customerId,
    asOf,
    features,
    narrative: renderNarrative(features, context),
  }));
}

/** Customers per statement: enough to be efficient, few enough for memory. */
const batchSize = 2_000;

/** `computeFeatures` in batches, for a base of any size. */
export async function* iterateFeatures(
  queryable: Queryable,
  { asOf, customerIds, covariates }: FeatureRequest,
): AsyncGenerator<FeatureRow[]> {
  for await (const ids of customerIds ? slicesOf(customerIds, batchSize) : allCustomers(queryable)) {
    const rows = await computeFeatures(queryable, { asOf, customerIds: ids, covariates });
    if (rows.length > 0) yield rows;
  }
}

/** Ids of all customers in batches, in ascending order. */
async function* allCustomers(queryable: Queryable): AsyncGenerator<string[]> {
  let last = '0';
  for (;;) {
    const rows = await queryable.query<{ id: string }>('select id from customer where id > $1 order by id limit $2', [
      last,
      batchSize,
    ]);
    if (rows.length === 0) return;
    yield rows.map(({ id }) => id);
    last = rows.at(-1)!.id;
  }
}

/** Only the prior's inputs, of many customers, and the mean value of their first purchases. */
export async function computeRfm(
  queryable: Queryable,
  { asOf, customerIds }: FeatureRequest,
): Promise<{ customerIds: string[]; columns: RfmColumns; meanFirstValue: number }> {
  const rows = await queryable.query<RfmSummary & { customer_id: string }>(rfmStatement, [asOf, customerIds ?? null]);
  return {
    customerIds: rows.map((row) => row.customer_id),
    columns: toRfmColumns(rows),
    meanFirstValue: mean(rows.map((row) => row.firstValue)),
  };
}

/** Only the spans of customers' attributes, in the order of the given ids. */
export async function computeCovariates(
  queryable: Queryable,
  customerIds: readonly string[],
  names: readonly string[],
): Promise<NarrativeSpan[][]> {
  const rows = await queryable.query<{ id: string; covariates: Covariate[] | null }>(covariateStatement, [
    customerIds,
    names,
  ]);
  const spans = new Map(rows.map(({ id, covariates }) => [id, covariateSpans(covariates)]));
  return customerIds.map((id) => spans.get(id) ?? []);
}

/**
 * Net spend of each customer in [asOf, asOf + horizon), in UTC days; 0 for those with none.
 * @returns in the order of `customerIds`
 */
export async function computeLabels(
  queryable: Queryable,
  { asOf, customerIds, horizonDays }: { asOf: Date; customerIds: readonly string[]; horizonDays: number },
): Promise<Float64Array> {
  const rows = await queryable.query<{ customer_id: string; net: number }>(
    `select customer_id, sum(net)::float8 as net
     from purchase_day, (select ${utcDayOf('$1')} as first) asked
     where customer_id = any($2::bigint[]) and day >= first and day < first + $3::integer
     group by customer_id`,
    [asOf, customerIds, horizonDays],
  );
  const net = new Map(rows.map((row) => [row.customer_id, row.net]));
  return Float64Array.from(customerIds, (id) => net.get(id) ?? 0);
}

import type { DataSource } from 'typeorm';
import { utcDayOf } from '../../database/utc-day.js';
import { type FeatureRequest, iterateFeatures } from '../../ml/features/compute-features.js';
import type { FeatureRow } from '../../ml/features/feature-row.js';

/** Enough to tell a drift of 0.05 from chance and a ratio of totals to some per cent, and scored in seconds. */
export const baseSampleSize = 2_000;

/** Customers who had bought before an instant, as of it: the same ones whenever they are asked for. */
export async function sampleBase(
  dataSource: DataSource,
  { asOf, covariates }: Required<Omit<FeatureRequest, 'customerIds'>>,
  signal: AbortSignal,
): Promise<FeatureRow[]> {
  const customerIds = await sampledCustomerIds(dataSource, asOf, baseSampleSize);
  const rows: FeatureRow[] = [];
  for await (const batch of iterateFeatures(dataSource, { asOf, customerIds, covariates })) {
    signal.throwIfAborted();
    rows.push(...batch);
  }
  return rows;
}

/** Ids of at most `size` customers who had bought before an instant, always the same ones. */
export async function sampledCustomerIds(dataSource: DataSource, asOf: Date, size: number): Promise<string[]> {
  const rows = await dataSource.query<{ id: string }[]>(
    `select customer_id as id from customer_summary
     where first_day < ${utcDayOf('$1')} order by md5(customer_id::text) limit $2`,
    [asOf, size],
  );
  return rows.map(({ id }) => id);
}

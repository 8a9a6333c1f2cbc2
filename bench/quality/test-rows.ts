import type { DataSource } from 'typeorm';
import { ClvError } from '../../src/errors.js';
import { computeLabels, iterateFeatures } from '../../src/ml/features/compute-features.js';
import type { FeatureRow } from '../../src/ml/features/feature-row.js';
import type { BtydPrior } from '../../src/ml/features/prior/fit-prior.js';
import type { SnapshotContent } from '../../src/services/preprocessing/snapshots.service.js';
import { isHeldOut } from './folds.js';
import type { FoldName, Protocol } from './protocols.js';

/** Customers to predict, and what they then did. */
interface TestBatch {
  readonly rows: readonly FeatureRow[];
  readonly customers: readonly string[];
  readonly actual: Float64Array;
  readonly purchases: Float64Array;
}

interface StoredCustomer {
  readonly id: string;
  readonly externalId: string;
}

/** The fold's customers in the full database. */
async function customersOf(full: DataSource, fold: FoldName): Promise<StoredCustomer[]> {
  const customers = await full.query<StoredCustomer[]>(
    `select id, external_id as "externalId" from customer order by id`,
  );
  return customers.filter(({ externalId }) => isHeldOut(fold, externalId));
}

/** Everyone with a purchase occasion before the as-of date, as the product's own feature rows, in batches. */
export async function* testRows(full: DataSource, protocol: Protocol, fold: FoldName): AsyncGenerator<TestBatch> {
  const { asOf, horizonDays } = protocol;
  const customers = await customersOf(full, fold);
  const names = new Map(customers.map(({ id, externalId }) => [id, externalId]));
  for await (const rows of iterateFeatures(full, { asOf, customerIds: [...names.keys()] })) {
    const customerIds = rows.map(({ customerId }) => customerId);
    yield {
      rows,
      customers: customerIds.map((id) => names.get(id)!),
      actual: await computeLabels(full, { asOf, customerIds, horizonDays }),
      purchases: await computePurchases(full, { asOf, customerIds, horizonDays }),
    };
  }
}

/** Customers without a purchase occasion before the as-of date: no features, so every model scores them at 0. */
export async function customersWithoutRow(
  full: DataSource,
  { asOf, horizonDays, data }: Protocol,
  fold: FoldName,
): Promise<Omit<TestBatch, 'rows'>> {
  const customers = data.scoresEveryCustomer ? await customersOf(full, fold) : [];
  const bought = await full.query<{ customer_id: string }[]>(
    `select distinct customer_id from purchase_day
     where net > 0 and day < ($1::timestamptz at time zone 'UTC')::date`,
    [asOf],
  );
  const known = new Set(bought.map(({ customer_id }) => customer_id));
  const without = customers.filter(({ id }) => !known.has(id));
  const customerIds = without.map(({ id }) => id);
  return {
    customers: without.map(({ externalId }) => externalId),
    actual: await computeLabels(full, { asOf, customerIds, horizonDays }),
    purchases: await computePurchases(full, { asOf, customerIds, horizonDays }),
  };
}

/** Number of purchase days with positive net spend in [asOf, asOf + horizon), in the order of `customerIds`. */
export async function computePurchases(
  database: DataSource,
  { asOf, customerIds, horizonDays }: { asOf: Date; customerIds: readonly string[]; horizonDays: number },
): Promise<Float64Array> {
  const rows = await database.query<{ customer_id: string; days: number }[]>(
    `select customer_id, count(*)::int as days
     from purchase_day, (select ($1::timestamptz at time zone 'UTC')::date as first) asked
     where customer_id = any($2::bigint[]) and net > 0 and day >= first and day < first + $3::integer
     group by customer_id`,
    [asOf, customerIds, horizonDays],
  );
  const days = new Map(rows.map((row) => [row.customer_id, row.days]));
  return Float64Array.from(customerIds, (id) => days.get(id) ?? 0);
}

/**
 * The prior that was fitted on what came before the protocol's as-of date: the snapshot's own, or, in a customer split,
 * whose snapshot ends later, that of the window that starts there.
 */
export function priorFor({ asOf }: Protocol, snapshot: Pick<SnapshotContent, 'asOf' | 'prior' | 'windows'>): BtydPrior {
  if (snapshot.asOf.getTime() === asOf.getTime()) return snapshot.prior;
  const window = snapshot.windows.find((candidate) => new Date(candidate.asOf).getTime() === asOf.getTime());
  if (window) return window.prior;
  throw new ClvError('INTERNAL', `No training window starts at ${asOf.toISOString()}, the protocol's as-of date.`);
}

import type { DataSource } from 'typeorm';
import { dayOf } from '../../src/days.js';
import type { ProgressReporter } from '../../src/progress.js';
import { featureDefinitions } from '../../src/ml/features/feature-definitions.js';
import { buildModelInput } from '../../src/ml/features/model-input.js';
import type { FeatureRow } from '../../src/ml/features/feature-row.js';
import type { BtydPrior } from '../../src/ml/features/prior/fit-prior.js';
import {
  iterateSnapshotRows,
  readSnapshot,
  type SnapshotContent,
} from '../../src/services/preprocessing/snapshots.service.js';
import { type Cell, toCsv } from './csv.js';
import type { FoldRecord } from './folds.js';
import type { FoldName, Protocol } from './protocols.js';
import { computePurchases, customersWithoutRow, priorFor, testRows } from './test-rows.js';
import { filesOf, writeWhole } from './work-folder.js';

/**
 * Writes what the peers learn from and are tested on: the rows of the very snapshot that our model is trained on, and
 * the same as-of features of the same customers.
 */
export async function exportFold(
  { full, training }: { full: DataSource; training: DataSource },
  protocol: Protocol,
  fold: FoldName,
  { snapshotId }: FoldRecord,
  progress: ProgressReporter,
): Promise<void> {
  const snapshot = await readSnapshot(training, snapshotId);
  const files = filesOf(protocol, fold);
  await progress.report('exporting training rows', 0);
  await writeWhole(files.train, await trainCsv(training, snapshot));
  await progress.report('exporting test rows', 0.5);
  await writeWhole(files.test, await testCsv(full, protocol, fold, snapshot));
  const zero = await customersWithoutRow(full, protocol, fold);
  const zeroRows = zero.customers.map((customer, i): Cell[] => [customer, zero.actual[i]!, zero.purchases[i]!]);
  await writeWhole(files.zero, toCsv(['customer', 'actual', 'purchases'], zeroRows));
  await progress.report('exported', 1);
}

const featureColumns = featureDefinitions.map(({ name }) => `f_${name}`);

/** (logit, log value in currency), then every raw feature. */
function priorAndFeatures(row: FeatureRow, horizonDays: number, { scaler }: SnapshotContent, prior: BtydPrior): Cell[] {
  return [...buildModelInput({ row, horizonDays, scaler, prior }).prior, ...row.features];
}

async function trainCsv(training: DataSource, snapshot: SnapshotContent): Promise<string> {
  const names = await externalIds(training);
  const rows: Cell[][] = [];
  for await (const batch of iterateSnapshotRows(training, snapshot)) {
    const purchases = await purchasesOf(training, snapshot, batch);
    for (const [i, { row, window: place, split, label }] of batch.entries()) {
      const { horizonDays, prior, validation } = snapshot.windows[place]!;
      const customer = names.get(row.customerId)!;
      const known = [place, dayOf(row.asOf), horizonDays, validation ? 1 : 0, split, customer, label, purchases[i]!];
      rows.push([...known, ...priorAndFeatures(row, horizonDays, snapshot, prior)]);
    }
  }
  const columns = ['window', 'as_of', 'horizon_days', 'newest', 'split', 'customer', 'label', 'purchases'];
  return toCsv([...columns, 'prior_logit', 'prior_log_value', ...featureColumns], rows);
}

type SnapshotBatch = readonly { readonly row: FeatureRow; readonly window: number }[];

/** Purchase days in each row's window, in the order of the rows. */
async function purchasesOf(training: DataSource, { windows }: SnapshotContent, batch: SnapshotBatch) {
  const purchases = new Float64Array(batch.length);
  for (const [place, { asOf, horizonDays }] of windows.entries()) {
    const positions = batch.flatMap(({ window }, position) => (window === place ? [position] : []));
    const customerIds = positions.map((position) => batch[position]!.row.customerId);
    const counts = await computePurchases(training, { asOf: new Date(asOf), customerIds, horizonDays });
    for (const [i, position] of positions.entries()) purchases[position] = counts[i]!;
  }
  return purchases;
}

async function testCsv(
  full: DataSource,
  protocol: Protocol,
  fold: FoldName,
  snapshot: SnapshotContent,
): Promise<string> {
  const { horizonDays } = protocol;
  const prior = priorFor(protocol, snapshot);
  const rows: Cell[][] = [];
  for await (const batch of testRows(full, protocol, fold)) {
    for (const [i, row] of batch.rows.entries()) {
      const known = [batch.customers[i]!, dayOf(row.asOf), horizonDays, batch.actual[i]!, batch.purchases[i]!];
      rows.push([...known, ...priorAndFeatures(row, horizonDays, snapshot, prior)]);
    }
  }
  const columns = ['customer', 'as_of', 'horizon_days', 'actual', 'purchases', 'prior_logit', 'prior_log_value'];
  return toCsv([...columns, ...featureColumns], rows);
}

async function externalIds(database: DataSource): Promise<Map<string, string>> {
  const rows = await database.query<{ id: string; external_id: string }[]>('select id, external_id from customer');
  return new Map(rows.map(({ id, external_id }) => [id, external_id]));
}

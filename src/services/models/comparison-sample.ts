import type { DataSource } from 'typeorm';
import { ClvError } from '../../errors.js';
import { computeLabels, iterateFeatures } from '../../ml/features/compute-features.js';
import { type CustomerSplit, countSplits, drawCustomers, prepareSampling } from '../../ml/features/customer-sampling.js';
import type { FeatureRow } from '../../ml/features/feature-row.js';
import type { BtydPrior } from '../../ml/features/prior/fit-prior.js';
import { drawPriorSample, fitPriorOn, priorFormOf } from '../preprocessing/prior-sample.js';
import { iterateSnapshotRows, readSnapshot } from '../preprocessing/snapshots.service.js';

/** Customers as of a past date, and what they then spent. */
export interface ComparisonSample {
  readonly asOf: Date;
  readonly horizonDays: number;
  readonly rows: readonly FeatureRow[];
  /** Net spend of each in the horizon. */
  readonly actual: readonly number[];
  /** Fitted on what lay before the date. */
  readonly prior: BtydPrior;
}

/** The bootstrap of more takes minutes, and its intervals are narrow enough. */
const mostCustomers = 20_000;

/**
 * The held-out customers of a snapshot's newest closed window: no model has learnt from them, since they are the same
 * customers in every snapshot.
 * @throws ClvError INSUFFICIENT_DATA, CONFLICT
 */
export async function heldOutSample(
  dataSource: DataSource,
  snapshotId: string,
  signal: AbortSignal,
): Promise<ComparisonSample> {
  const { windows } = await readSnapshot(dataSource, snapshotId);
  const window = windows.find(({ validation }) => validation);
  if (!window) {
    throw new ClvError('INSUFFICIENT_DATA', `Snapshot ${snapshotId} has no closed window. Give an as-of date.`);
  }
  const rows: FeatureRow[] = [];
  const actual: number[] = [];
  // Snapshots hold these customers in that window only.
  for await (const batch of iterateSnapshotRows(dataSource, snapshotId, 'VALIDATION')) {
    signal.throwIfAborted();
    rows.push(...batch.map(({ row }) => row));
    actual.push(...batch.map(({ label }) => label));
  }
  const { asOf, horizonDays, prior } = window;
  return { asOf: new Date(asOf), horizonDays, rows, actual, prior };
}

/** Customers who had bought before a date whose horizon is over; a sample of them where they are very many. */
export async function pastSample(
  dataSource: DataSource,
  { asOf, horizonDays }: { readonly asOf: Date; readonly horizonDays: number },
  splits: readonly CustomerSplit[],
  signal: AbortSignal,
): Promise<ComparisonSample> {
  const { customerIds, prior } = await dataSource.transaction(async (manager) => {
    await prepareSampling(manager, asOf);
    const eligible = await countSplits(manager, asOf);
    const available = splits.reduce((sum, split) => sum + eligible[split], 0);
    const share = Math.min(1, mostCustomers / Math.max(available, 1));
    const ids: string[] = [];
    for (const split of splits) ids.push(...(await drawCustomers(manager, { asOf, split, share, salt: 'comparison' })));
    const sample = await drawPriorSample(manager, asOf);
    const fitted = fitPriorOn(sample, await priorFormOf(manager, sample));
    return { customerIds: ids, prior: fitted.parameters };
  });
  const rows: FeatureRow[] = [];
  const actual: number[] = [];
  for await (const batch of iterateFeatures(dataSource, { asOf, customerIds })) {
    signal.throwIfAborted();
    const ids = batch.map(({ customerId }) => customerId);
    rows.push(...batch);
    actual.push(...(await computeLabels(dataSource, { asOf, customerIds: ids, horizonDays })));
  }
  return { asOf, horizonDays, rows, actual, prior };
}

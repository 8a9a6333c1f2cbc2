import type { DataSource } from 'typeorm';
import { ClvError } from '../../errors.js';
import { computeLabels, type FeatureRequest, iterateFeatures } from '../../ml/features/compute-features.js';
import { type CustomerSplit, countSplits, drawCustomers, prepareSampling } from '../../ml/features/customer-sampling.js';
import type { FeatureRow } from '../../ml/features/feature-row.js';
import type { BtydPrior, PriorForm } from '../../ml/features/prior/fit-prior.js';
import { drawPriorSample, fitPriorOn, priorFormOf } from '../preprocessing/prior-sample.js';
import { iterateSnapshotRows, readSnapshot } from '../preprocessing/snapshots.service.js';

/** Customers as of a past date, and what they spent afterwards. */
export interface ComparisonSample {
  readonly asOf: Date;
  readonly horizonDays: number;
  readonly rows: readonly FeatureRow[];
  /** Net spend of each in the horizon. */
  readonly actual: readonly number[];
  /** The prior fitted on the history before the date, with these attributes. */
  readonly priorOf: (covariates: readonly string[]) => Promise<BtydPrior>;
}

/** With more customers, the bootstrap takes minutes, and its intervals are narrow enough with these. */
const mostCustomers = 20_000;

/**
 * The held-out customers of a snapshot's newest closed window: no model has learnt from them, since they are the same
 * customers in every snapshot.
 * @param covariates attributes that the narratives must have; if the snapshot's do not, they are computed again
 * @throws ClvError INSUFFICIENT_DATA, CONFLICT; NOT_FOUND where the snapshot is deleted meanwhile
 */
export async function heldOutSample(
  dataSource: DataSource,
  snapshotId: string,
  covariates: readonly string[],
  signal: AbortSignal,
): Promise<ComparisonSample> {
  const snapshot = await readSnapshot(dataSource, snapshotId);
  const { windows, covariates: told } = snapshot;
  const window = windows.find(({ validation }) => validation);
  if (!window) {
    throw new ClvError('INSUFFICIENT_DATA', `Snapshot ${snapshotId} has no closed window. Give an as-of date.`);
  }
  const rows: FeatureRow[] = [];
  const actual: number[] = [];
  // Snapshots hold these customers in that window only.
  for await (const batch of iterateSnapshotRows(dataSource, snapshot, 'VALIDATION')) {
    signal.throwIfAborted();
    rows.push(...batch.map(({ row }) => row));
    actual.push(...batch.map(({ label }) => label));
  }
  const { horizonDays, prior } = window;
  const { newcomers, logNormal, firstAmounts, rhythm, ...clock } = prior;
  const form = {
    ...clock,
    logNormalValues: logNormal !== undefined,
    tellsNewcomers: newcomers !== undefined,
    ...(firstAmounts && { firstAmounts: Object.keys(firstAmounts.byAmount) }),
    ...(rhythm && { tellsRhythm: true }),
  };
  const asOf = new Date(window.asOf);
  const isTold = (names: readonly string[]) => names.every((name) => told.includes(name));
  const priorOf = async (names: readonly string[]) =>
    isTold(names) && names.length === told.length ? prior : priorAt(dataSource, asOf, names, form);
  if (isTold(covariates)) return { asOf, horizonDays, rows, actual, priorOf };
  const customerIds = rows.map(({ customerId }) => customerId);
  const computed = await pastRows(dataSource, { asOf, customerIds, covariates }, horizonDays, signal);
  return { asOf, horizonDays, ...computed, priorOf };
}

/** Customers who had bought before a date whose horizon is over, or a sample of them where there are too many. */
export async function pastSample(
  dataSource: DataSource,
  { asOf, horizonDays }: { readonly asOf: Date; readonly horizonDays: number },
  splits: readonly CustomerSplit[],
  covariates: readonly string[],
  signal: AbortSignal,
): Promise<ComparisonSample> {
  const customerIds = await dataSource.transaction(async (manager) => {
    await prepareSampling(manager, asOf);
    const eligible = await countSplits(manager, asOf);
    const available = splits.reduce((sum, split) => sum + eligible[split], 0);
    const share = Math.min(1, mostCustomers / Math.max(available, 1));
    const ids: string[] = [];
    for (const split of splits) ids.push(...(await drawCustomers(manager, { asOf, split, share, salt: 'comparison' })));
    return ids;
  });
  const computed = await pastRows(dataSource, { asOf, customerIds, covariates }, horizonDays, signal);
  return { asOf, horizonDays, ...computed, priorOf: (names) => priorAt(dataSource, asOf, names) };
}

/** @param form by default that of the history before the date */
function priorAt(
  dataSource: DataSource,
  asOf: Date,
  covariates: readonly string[],
  form?: PriorForm,
): Promise<BtydPrior> {
  return dataSource.transaction(async (manager) => {
    await prepareSampling(manager, asOf);
    const sample = await drawPriorSample(manager, asOf, covariates);
    const { parameters } = await fitPriorOn(manager, sample, form ?? (await priorFormOf(manager, sample)));
    return parameters;
  });
}

async function pastRows(
  dataSource: DataSource,
  request: Required<FeatureRequest>,
  horizonDays: number,
  signal: AbortSignal,
): Promise<Pick<ComparisonSample, 'rows' | 'actual'>> {
  const { asOf } = request;
  const rows: FeatureRow[] = [];
  const actual: number[] = [];
  for await (const batch of iterateFeatures(dataSource, request)) {
    signal.throwIfAborted();
    const customerIds = batch.map(({ customerId }) => customerId);
    rows.push(...batch);
    actual.push(...(await computeLabels(dataSource, { asOf, customerIds, horizonDays })));
  }
  return { rows, actual };
}

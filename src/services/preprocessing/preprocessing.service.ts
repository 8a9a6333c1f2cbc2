import type { DataSource } from 'typeorm';
import { inAbortableTransaction } from '../../database/abortable-transaction.js';
import { dayOf } from '../../days.js';
import { Snapshot } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { findChangedIds } from '../../ml/features/changed-ids.js';
import { countCleaning } from '../../ml/features/cleaning-counts.js';
import { type CustomerCounts, prepareSampling } from '../../ml/features/customer-sampling.js';
import { featureDefinitions } from '../../ml/features/feature-definitions.js';
import { readBillingDays } from '../../ml/features/billing-days.js';
import { shortestLearntDays } from '../../ml/features/horizon-limits.js';
import { knownFeatures, readEventTracking } from '../../ml/features/event-tracking.js';
import { fitScaler } from '../../ml/features/scaler.js';
import { readSilence } from '../../ml/features/silence.js';
import { computeSpendHistory } from '../../ml/features/spend-history.js';
import { chooseWindows } from '../../ml/features/windows.js';
import { type JobHooks, partOf, silentProgress } from '../../progress.js';
import { dataReportOf, priorReportOf } from './preprocessing-report.js';
import type { SnapshotReport } from './snapshot-report.js';
import { type MadeWindow, SnapshotRowsJob } from './preprocessing-rows.js';
import { baseOf, drawPriorSample, fitPriorOn, priorFormOf } from './prior-sample.js';
import { lockErasures } from '../ingestion/live/erasure.js';
import { requireAttributes } from './known-attributes.js';
import { preprocessingInput, type PreprocessingInput, type PreprocessingSettings } from './preprocessing.types.js';
import { refreshAll } from './refresh-all.js';
import { parsedBy } from '../zod-problems.js';
import { counted } from '../../text.js';

interface PreprocessingContext extends Partial<JobHooks> {
  readonly runId?: string;
}

export interface PreprocessingResult {
  readonly snapshotId: string;
  readonly report: SnapshotReport;
}

/**
 * Cleans, cuts history into training windows, computes features, narratives and labels of their customers, and fits
 * scaler and priors. The snapshot and its rows appear together, when all is done; an aborted or failed run leaves
 * nothing.
 *
 * @throws ClvError BAD_USER_INPUT, for attributes that no customer has, too; SNAPSHOT_EMPTY where no customer had bought
 *   before the as-of date; INSUFFICIENT_DATA where history is too short to learn from; the signal's reason when aborted
 */
export async function runPreprocessing(
  dataSource: DataSource,
  input: PreprocessingInput,
  { progress = silentProgress, signal = new AbortController().signal, runId }: PreprocessingContext = {},
): Promise<PreprocessingResult> {
  const settings = parsedBy(preprocessingInput, input, 'Preprocessing cannot start.');
  await requireAttributes(dataSource, settings.covariates);
  await refreshAll(dataSource, { progress: partOf(progress, 0, 0.2), signal });
  const result = await inAbortableTransaction(dataSource, signal, (runner) => {
    const job = new SnapshotRowsJob(runner, { progress: partOf(progress, 0.4, 0.9), signal });
    return makeSnapshot(job, settings, { progress, signal, runId });
  });
  await removeErased(dataSource);
  await progress.report('preprocessed', 1);
  return result;
}

/**
 * Who was erased while the rows were made is still in them: the transaction that made them saw an earlier state. Of all
 * snapshots, since a run that was killed just before this, and has no other attempt, has left its own as it was.
 */
export function removeErased(dataSource: DataSource): Promise<void> {
  return dataSource.transaction(async (manager) => {
    await manager.query(lockErasures);
    await manager.query(
      'delete from snapshot_row r where not exists (select from customer c where c.id = r.customer_id)',
    );
  });
}

async function makeSnapshot(
  job: SnapshotRowsJob,
  { asOf, horizonDays, covariates, options }: PreprocessingSettings,
  { progress, signal, runId }: JobHooks & Pick<PreprocessingContext, 'runId'>,
): Promise<PreprocessingResult> {
  const began = performance.now();
  const { manager } = job;
  await progress.report('counting', 0.2);
  const cleaning = await countCleaning(manager, asOf);
  signal.throwIfAborted();
  await progress.report('counting', 0.3);
  const customers = await prepareSampling(manager, asOf);
  const historyBegins = beginOf(customers, asOf);
  const billingDays = await readBillingDays(manager, asOf);
  const windows = chooseWindows({ firstDay: historyBegins, asOf, horizonDays, byMonth: billingDays.length > 0 });
  if (windows.length === 0) throw new ClvError('INSUFFICIENT_DATA', tooShort(customers, asOf));
  const snapshot = await manager.save(
    manager.create(Snapshot, {
      runId: runId ?? null,
      asOf,
      horizonDays,
      covariates,
      options,
      featureSchema: [...featureDefinitions],
    }),
  );
  await progress.report('learning the pace of purchases', 0.38);
  const sample = await drawPriorSample(manager, asOf, covariates);
  const checked = windows.find(({ validation }) => validation);
  const form = await priorFormOf(manager, sample, checked && new Date(checked.asOf));
  const made = await job.write(snapshot, windows, { maxTrainingRows: options.maxTrainingRows, form });
  if (made.trainingRows.length === 0) {
    throw new ClvError('INSUFFICIENT_DATA', `${tooShort(customers, asOf)} No customer is left to train on.`);
  }
  await progress.report('fitting the prior', 0.9);
  const tracking = await readEventTracking(manager, {
    begins: historyBegins,
    asOf,
    oldest: new Date(windows[0]!.asOf),
    columns: sample.columns,
  });
  const trainingRows = tracking
    ? made.trainingRows.map((row) => ({ ...row, features: knownFeatures(row.features, row.asOf, tracking) }))
    : made.trainingRows;
  const scaler = {
    ...fitScaler(trainingRows, featureDefinitions, historyBegins, billingDays.length > 0),
    ...(tracking && { tracking }),
    ...(covariates.length > 0 && { covariates: true as const }),
  };
  const prior = await fitPriorOn(manager, sample, form);
  const learntDays = Math.max(...windows.map((window) => window.horizonDays));
  const base = await baseOf(manager, sample, prior.parameters, learntDays);
  const spend = await computeSpendHistory(manager, asOf);
  const silentSince = await readSilence(manager, asOf);
  const report: SnapshotReport = {
    ...dataReportOf(cleaning, customers, { ...made, trainingRows }, scaler),
    ...priorReportOf(prior, asOf, findChangedIds(sample.columns, asOf)),
    ...(billingDays.length > 0 && { billingDays }),
    ...(silentSince !== undefined && { silentSince }),
    seconds: (performance.now() - began) / 1000,
  };
  await manager.update(Snapshot, snapshot.id, {
    report,
    scaler: { scaler, prior: prior.parameters, spend, ...base },
    windows: made.windows.map(storedWindow),
    completedAt: new Date(),
  });
  return { snapshotId: snapshot.id, report };
}

/** The rest of a window is in the report. */
function storedWindow({ asOf, horizonDays, validation, prior }: MadeWindow) {
  return { asOf, horizonDays, validation, prior };
}

function beginOf(customers: CustomerCounts, asOf: Date): Date {
  if (!customers.historyBegins) {
    throw new ClvError(
      'SNAPSHOT_EMPTY',
      `No customer had bought before ${asOf.toISOString()}: ${customers.withoutOrders} without orders before it, ` +
        `${customers.withoutMerchandise} with nothing left after cleaning (postage, fees, zero prices), ` +
        `${customers.onlyReturns} with returns only. Import orders, or choose a later as-of date.`,
      { details: { ...customers } },
    );
  }
  return customers.historyBegins;
}

function tooShort({ kept, historyBegins }: CustomerCounts, asOf: Date): string {
  return (
    `The history from ${historyBegins && dayOf(historyBegins)} to ${asOf.toISOString()} (${counted(kept, 'customer')}) is ` +
    `too short to learn from: it must hold a training window of at least ${shortestLearntDays} days and as much ` +
    'time before it. Import older orders, or choose a later as-of date.'
  );
}

import type { DataSource, EntityManager } from 'typeorm';
import { throughDeadlocks } from '../../database/through-deadlocks.js';
import { dayMs, startOfDay } from '../../days.js';
import { DriftReport } from '../../entities/index.js';
import { computeLabels } from '../../ml/features/compute-features.js';
import { distributionMetrics, type DistributionMetrics } from '../../ml/training/evaluation.js';
import type { RealisedLevel } from '../../ml/training/advice.js';
import { biasInterval } from '../../ml/training/bias-interval.js';
import type { Interval } from '../../ml/training/gini-lift.js';
import { meanSquaredError } from '../../ml/training/metrics/regression.js';
import { learntUntil } from '../models/learnt-until.js';
import { lastKnownDay } from '../preprocessing/stray-orders.js';

/** How the predictions of a scoring compare with the outcome. An entry of `DriftReport.realised`. */
export interface RealisedMetrics {
  readonly horizonDays: number;
  /** ISO date-time. */
  readonly measuredAt: string;
  readonly customers: number;
  /** Whether the model was trained on labels from after the predictions' date, so that these were no forecast. */
  readonly sawLabels: boolean;
  readonly metrics: DistributionMetrics;
  /** Of the bias; null where that is not defined. */
  readonly biasInterval: Interval | null;
}

/** Days of data after a horizon during which late orders and refunds may come in, so that metrics are computed again. */
const lateDays = 30;

interface Due {
  readonly id: string;
  readonly horizon_days: number;
  /** Whether late orders are no longer waited for. */
  readonly is_final: boolean;
}

interface SampledPrediction {
  readonly customer_id: string;
  readonly expected_value: number;
  readonly logit: number;
  readonly mu: number;
  readonly sigma: number;
}

/**
 * Compares the predictions of earlier scorings, as they were stored then, with the outcome of every horizon that the data cover, and again
 * if orders of its days have come in since. The samples are removed once the data cover another month.
 */
export async function settleRealisedMetrics(dataSource: DataSource, signal: AbortSignal): Promise<void> {
  // Today is not over yet.
  const last = await lastKnownDay(dataSource, new Date());
  if (!last) return;
  const until = new Date(last.getTime() + dayMs);
  const due = await dataSource.query<Due[]>(
    `select id, horizon_days, ends + make_interval(days => $2) <= $1 as is_final
     from (
       select r.id, s.horizon_days,
         date_trunc('day', r.as_of, 'UTC') + make_interval(days => s.horizon_days) as ends
       from drift_report r join (select distinct report_id, horizon_days from drift_sample) s on s.report_id = r.id
     ) kept
     where ends <= $1 order by id, horizon_days`,
    [until, lateDays],
  );
  for (const each of due) {
    signal.throwIfAborted();
    // Erasures delete rows of samples in another order.
    await throughDeadlocks(() => dataSource.transaction((manager) => settle(manager, each)));
  }
}

async function settle(manager: EntityManager, { id, horizon_days, is_final }: Due): Promise<void> {
  // One at a time, since two scorings may end at once.
  const report = await manager.findOne(DriftReport, { where: { id }, lock: { mode: 'for_no_key_update' } });
  const sample = await manager.query<SampledPrediction[]>(
    `select customer_id, expected_value, logit, mu, sigma
     from drift_sample where report_id = $1 and horizon_days = $2 order by customer_id`,
    [id, horizon_days],
  );
  // Another worker has done it, or all of these customers were deleted.
  if (!report || sample.length === 0) return;
  await keepRealised(manager, report, horizon_days, sample);
  if (!is_final) return;
  await manager.query('delete from drift_sample where report_id = $1 and horizon_days = $2', [id, horizon_days]);
}

/** Stores the metrics of a sample's predictions in place of earlier ones, if they have changed. */
async function keepRealised(
  manager: EntityManager,
  report: DriftReport,
  horizonDays: number,
  sample: readonly SampledPrediction[],
): Promise<void> {
  const customerIds = sample.map((row) => row.customer_id);
  const actual = [...(await computeLabels(manager, { asOf: report.asOf, customerIds, horizonDays }))];
  const expectedValue = sample.map((row) => row.expected_value);
  const known = report.realised as readonly RealisedMetrics[];
  // The cheapest of the stored metrics: it differs if anybody's spend has changed.
  const mse = meanSquaredError(actual, expectedValue);
  if (known.some((entry) => entry.horizonDays === horizonDays && entry.metrics.mse === mse)) return;
  const realised: RealisedMetrics = {
    horizonDays,
    measuredAt: new Date().toISOString(),
    customers: sample.length,
    sawLabels: await sawLabels(manager, report.id),
    metrics: distributionMetrics(actual, { expectedValue, distribution: sample }),
    biasInterval: biasInterval(actual, expectedValue),
  };
  const all = [...known.filter((entry) => entry.horizonDays !== horizonDays), realised];
  await manager.update(DriftReport, report.id, { realised: all.sort((a, b) => a.horizonDays - b.horizonDays) });
}

async function sawLabels(manager: EntityManager, reportId: string): Promise<boolean> {
  const report = await manager.findOneOrFail(DriftReport, {
    where: { id: reportId },
    relations: { model: true },
  });
  return (await learntUntil(manager, report.model)).getTime() > startOfDay(report.asOf).getTime();
}

/** The realised level of each model's newest forecast whose horizon is over; predictions that saw labels do not count. */
export async function realisedLevels(
  dataSource: DataSource,
  modelIds: readonly string[],
): Promise<ReadonlyMap<string, RealisedLevel>> {
  const rows = await dataSource.query<{ modelId: string; asOf: Date; entry: RealisedMetrics }[]>(
    `select distinct on (r.model_id) r.model_id as "modelId", r.as_of as "asOf", entry
     from drift_report r, jsonb_array_elements(r.realised) entry
     where r.model_id = any($1::bigint[]) and not (entry->>'sawLabels')::boolean
     order by r.model_id, r.as_of + make_interval(days => (entry->>'horizonDays')::integer) desc,
       (entry->>'horizonDays')::integer desc`,
    [modelIds],
  );
  return new Map(
    rows.map(({ modelId, asOf, entry: { horizonDays, metrics, biasInterval: interval } }) => [
      modelId,
      { asOf, horizonDays, bias: metrics.bias, biasInterval: interval },
    ]),
  );
}

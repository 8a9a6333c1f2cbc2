import type { DataSource, EntityManager } from 'typeorm';
import { dayMs, startOfDay } from '../../days.js';
import { DriftReport } from '../../entities/index.js';
import { computeLabels } from '../../ml/features/compute-features.js';
import { distributionMetrics, type DistributionMetrics } from '../../ml/training/evaluation.js';
import type { RealisedLevel } from '../../ml/training/advice.js';
import { biasInterval, type Interval } from '../../ml/training/gini-lift.js';
import { learntUntil } from '../models/learnt-until.js';
import { lastKnownDay } from '../preprocessing/stray-orders.js';

/** What came of the predictions of a scoring. An entry of `DriftReport.realised`. */
export interface RealisedMetrics {
  readonly horizonDays: number;
  /** ISO date-time. */
  readonly measuredAt: string;
  readonly customers: number;
  /** Whether the model was trained on labels from after the predictions' date: a look back, not a forecast. */
  readonly sawLabels: boolean;
  readonly metrics: DistributionMetrics;
  /** Of the bias; null where that is not defined. */
  readonly biasInterval: Interval | null;
}

interface Due {
  readonly id: string;
  readonly as_of: Date;
  readonly horizon_days: number;
}

/**
 * Sets the predictions of earlier scorings, as they were then, beside what has happened since, wherever a horizon is
 * over in the data. The samples that this needed are then dropped.
 */
export async function settleRealisedMetrics(dataSource: DataSource, signal: AbortSignal): Promise<void> {
  const now = Date.now();
  const last = await lastKnownDay(dataSource, new Date(now + dayMs));
  if (!last) return;
  // Neither beyond the data nor into a day that is not over.
  const until = new Date(Math.min(last.getTime() + dayMs, now));
  const due = await dataSource.query<Due[]>(
    `select r.id, r.as_of, s.horizon_days
     from drift_report r join (select distinct report_id, horizon_days from drift_sample) s on s.report_id = r.id
     where date_trunc('day', r.as_of, 'UTC') + make_interval(days => s.horizon_days) <= $1 order by r.id, s.horizon_days`,
    [until],
  );
  for (const each of due) {
    signal.throwIfAborted();
    await dataSource.transaction((manager) => settle(manager, each));
  }
}

async function settle(manager: EntityManager, { id, as_of: asOf, horizon_days: horizonDays }: Due): Promise<void> {
  const sample = await manager.query<
    { customer_id: string; expected_value: number; logit: number; mu: number; sigma: number }[]
  >(
    `with taken as (delete from drift_sample where report_id = $1 and horizon_days = $2 returning *)
     select customer_id, expected_value, logit, mu, sigma from taken order by customer_id`,
    [id, horizonDays],
  );
  // Another worker was faster, or all of these customers were deleted.
  if (sample.length === 0) return;
  const customerIds = sample.map((row) => row.customer_id);
  const actual = [...(await computeLabels(manager, { asOf, customerIds, horizonDays }))];
  const expectedValue = sample.map((row) => row.expected_value);
  const realised: RealisedMetrics = {
    horizonDays,
    measuredAt: new Date().toISOString(),
    customers: sample.length,
    sawLabels: await sawLabels(manager, id),
    metrics: distributionMetrics(actual, { expectedValue, distribution: sample }),
    biasInterval: biasInterval(actual, expectedValue),
  };
  await manager.query('update drift_report set realised = realised || $2::jsonb where id = $1', [
    id,
    JSON.stringify(realised),
  ]);
}

async function sawLabels(manager: EntityManager, reportId: string): Promise<boolean> {
  const report = await manager.findOneOrFail(DriftReport, {
    where: { id: reportId },
    relations: { model: true },
  });
  return (await learntUntil(manager, report.model)).getTime() > startOfDay(report.asOf).getTime();
}

/** How the sum of each model's forecasts came out, of those whose horizon was over last; no look back counts. */
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

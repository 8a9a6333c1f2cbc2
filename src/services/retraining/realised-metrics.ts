import type { DataSource, EntityManager } from 'typeorm';
import { dayMs } from '../../days.js';
import { DriftReport } from '../../entities/index.js';
import { computeLabels } from '../../ml/features/compute-features.js';
import { distributionMetrics, type DistributionMetrics } from '../../ml/training/evaluation.js';
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
     where r.as_of + make_interval(days => s.horizon_days) <= $1 order by r.id, s.horizon_days`,
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
  const realised: RealisedMetrics = {
    horizonDays,
    measuredAt: new Date().toISOString(),
    customers: sample.length,
    sawLabels: await sawLabels(manager, id),
    metrics: distributionMetrics(actual, {
      expectedValue: sample.map((row) => row.expected_value),
      distribution: sample,
    }),
  };
  await manager.query('update drift_report set realised = realised || $2::jsonb where id = $1', [
    id,
    JSON.stringify(realised),
  ]);
}

async function sawLabels(manager: EntityManager, reportId: string): Promise<boolean> {
  const report = await manager.findOneOrFail(DriftReport, {
    where: { id: reportId },
    relations: { model: { snapshot: true } },
  });
  const { snapshot } = report.model;
  return snapshot !== null && snapshot.asOf.getTime() > report.asOf.getTime();
}

import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { dayMs } from '../../days.js';
import { ModelVersion, Snapshot } from '../../entities/index.js';
import type { JobHooks } from '../../progress.js';
import { measureDrift } from './drift.service.js';
import type { DriftMeasure } from './drift-measure.js';
import type { ModelLoader } from '../models/loaded-model.js';
import type { PredictionPeriod } from '../predictions/prediction-store.js';

/** When a retrain is worth its trouble: where any of what is given holds. */
export const retrainConditions = z
  .object({
    /** Drift score of the active model on today's customers. */
    driftAbove: z.number().positive().max(100).optional(),
    /** Days from the active model's snapshot to today's as-of date. */
    olderThanDays: z.number().int().min(1).max(3_650).optional(),
  })
  .refine(({ driftAbove, olderThanDays }) => driftAbove !== undefined || olderThanDays !== undefined, {
    message: 'must name driftAbove, olderThanDays or both',
  });
export type RetrainConditions = z.output<typeof retrainConditions>;

export interface RetrainNeed {
  readonly due: boolean;
  /** For people. */
  readonly reason: string;
  readonly ageDays: number;
  /** Null where it was not asked for, or cannot be measured. */
  readonly drift: number | null;
}

/** Whether age or drift asks for a retrain; drift is measured on the customers of the period's date. */
export async function retrainNeed(
  dataSource: DataSource,
  models: ModelLoader,
  active: ModelVersion,
  { driftAbove, olderThanDays }: RetrainConditions,
  period: Omit<PredictionPeriod, 'modelId'>,
  context: JobHooks,
): Promise<RetrainNeed> {
  const { snapshotId } = active;
  const snapshot = snapshotId === null ? null : await dataSource.manager.findOneBy(Snapshot, { id: snapshotId });
  const learntUntil = snapshot?.asOf ?? active.createdAt;
  const ageDays = Math.floor((period.asOf.getTime() - learntUntil.getTime()) / dayMs);
  if (olderThanDays !== undefined && ageDays > olderThanDays) {
    return { due: true, reason: `The model is ${ageDays} days old, more than ${olderThanDays}.`, ageDays, drift: null };
  }
  const age = `The model is ${ageDays} days old`;
  if (driftAbove === undefined) {
    return { due: false, reason: `${age}, not more than ${olderThanDays}.`, ageDays, drift: null };
  }
  const report = await measureDrift(dataSource, models, { ...period, modelId: active.id }, context);
  if (!report) {
    const reason = 'Its drift cannot be measured: its snapshot is gone, or was made with other features.';
    return { due: true, reason: `${age}. ${reason}`, ageDays, drift: null };
  }
  const { score: drift } = report.drift as object as DriftMeasure;
  const due = drift > driftAbove;
  return {
    due,
    reason: `${age}; its drift is ${drift.toFixed(3)}, ${due ? '' : 'not '}above ${driftAbove}.`,
    ageDays,
    drift,
  };
}

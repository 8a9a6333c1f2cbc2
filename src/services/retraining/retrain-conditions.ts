import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { dayMs } from '../../days.js';
import type { ModelVersion } from '../../entities/index.js';
import type { JobHooks } from '../../progress.js';
import { measureDrift } from './drift.service.js';
import { certainBias } from '../../ml/training/advice.js';
import { realisedLevels, settleRealisedMetrics } from './realised-metrics.js';
import type { DriftMeasure } from './drift-measure.js';
import { learntUntil } from '../models/learnt-until.js';
import type { ModelLoader } from '../models/loaded-model.js';
import { nullIfUnusable } from '../predictions/fresh-predictions.js';
import type { PredictionPeriod } from '../predictions/prediction-store.js';
import { counted } from '../../text.js';

/** The largest values that conditions may have, in the API, too. */
export const retrainLimits = { driftAbove: 100, olderThanDays: 3_650, realisedBiasAbove: 10 } as const;

/** Conditions of a retrain, any of which is enough. */
export const retrainConditions = z
  .object({
    /** Drift score of the active model on today's customers. */
    driftAbove: z.number().positive().max(retrainLimits.driftAbove).optional(),
    /** Days from the active model's snapshot to today's as-of date. */
    olderThanDays: z.number().int().min(1).max(retrainLimits.olderThanDays).optional(),
    /** |sum predicted / sum actual - 1| of the active model's newest forecast whose horizon is over, beyond chance. */
    realisedBiasAbove: z.number().positive().max(retrainLimits.realisedBiasAbove).optional(),
  })
  .refine((conditions) => Object.values(conditions).some((value) => value !== undefined), {
    message: 'must name driftAbove, olderThanDays or realisedBiasAbove',
  });
export type RetrainConditions = z.output<typeof retrainConditions>;

interface RetrainQuestion {
  readonly active: ModelVersion;
  readonly conditions: RetrainConditions;
  readonly period: Omit<PredictionPeriod, 'modelId'>;
}

interface RetrainNeed {
  readonly due: boolean;
  /** For people. */
  readonly reason: string;
  readonly ageDays: number;
  /** Drift score; null where it was not asked for, or cannot be measured. */
  readonly drift: number | null;
}

/**
 * Whether the active model's age, realised bias or drift calls for a retrain. Drift is measured on the customers of the period's date.
 */
export async function retrainNeed(
  dataSource: DataSource,
  models: ModelLoader,
  { active, conditions: { driftAbove, olderThanDays, realisedBiasAbove }, period }: RetrainQuestion,
  context: JobHooks,
): Promise<RetrainNeed> {
  const learnt = await learntUntil(dataSource.manager, active);
  const ageDays = Math.floor((period.asOf.getTime() - learnt.getTime()) / dayMs);
  const age = `The model is ${counted(ageDays, 'day')} old`;
  if (olderThanDays !== undefined && ageDays > olderThanDays) {
    return { due: true, reason: `${age}, more than ${olderThanDays}.`, ageDays, drift: null };
  }
  if (realisedBiasAbove !== undefined) {
    // Including horizons that have ended since the last scoring.
    await settleRealisedMetrics(dataSource, context.signal);
    const off = Math.abs(certainBias((await realisedLevels(dataSource, [active.id])).get(active.id) ?? null));
    const reason = `${age}; its newest forecast was off by ${off.toFixed(3)} in sum, more than ${realisedBiasAbove}.`;
    if (off > realisedBiasAbove) return { due: true, reason, ageDays, drift: null };
  }
  if (driftAbove === undefined) {
    return { due: false, reason: `${age}; no condition asks for a retrain.`, ageDays, drift: null };
  }
  const report = await measureDrift(dataSource, models, { ...period, modelId: active.id }, context).catch(
    nullIfUnusable,
  );
  if (!report) {
    const reason = 'Its drift cannot be measured: its snapshot is gone, or this version cannot use that or the model.';
    return { due: true, reason: `${age}. ${reason}`, ageDays, drift: null };
  }
  const { score: drift } = report.drift as DriftMeasure;
  const due = drift > driftAbove;
  return {
    due,
    reason: `${age}; its drift is ${drift.toFixed(3)}, ${due ? '' : 'not '}above ${driftAbove}.`,
    ageDays,
    drift,
  };
}

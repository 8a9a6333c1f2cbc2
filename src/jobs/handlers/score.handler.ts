import { z } from 'zod';
import { ClvError } from '../../errors.js';
import { partOf, type ProgressReporter, silentProgress } from '../../progress.js';
import { requireTrainedModel } from '../../services/models/find-model.js';
import type { ModelLoader } from '../../services/models/loaded-model.js';
import { driftOf, keepDrift } from '../../services/retraining/drift.service.js';
import type { DriftMeasure } from '../../services/retraining/drift-measure.js';
import type { PredictionPeriod } from '../../services/predictions/prediction-store.js';
import { servingAsOf } from '../../services/predictions/serving-as-of.js';
import { defaultAsOf } from '../../services/preprocessing/stray-orders.js';
import { settleRealisedMetrics } from '../../services/retraining/realised-metrics.js';
import { planShards } from '../../services/scoring/customer-shards.js';
import { finishScoring, rankAgain, scoreShard } from '../../services/scoring/scoring.service.js';
import type { AbandonedShardsHandler, JobContext, JobHandler, ShardHandler } from '../job.js';
import { allSettled } from './all-settled.js';
import { horizonDays, instant, parseInput } from './input.js';

/** Small enough for a moving progress bar, and for little work to be lost with a worker. */
const customersPerShard = 1_000;

const scoreRunInput = z.object({
  modelId: z.string().optional(),
  asOf: instant.optional(),
  horizonDays: horizonDays.optional(),
});

const shardInput = z.object({
  period: z.object({ modelId: z.string(), horizonDays, asOf: instant }),
  shard: z.object({ firstId: z.string(), lastId: z.string() }),
});

/** Predicts for all customers; by default with the active model, as of the current date and for the configured horizon. */
export function scoreHandler(models: ModelLoader): JobHandler {
  return async (input, context) => {
    const { modelId, asOf, horizonDays } = parseInput(scoreRunInput, input);
    const period: PredictionPeriod = {
      modelId: (await requireTrainedModel(context.dataSource.manager, modelId)).id,
      asOf: asOf ?? (await defaultAsOf(context.dataSource, context.config)),
      horizonDays: horizonDays ?? context.config.horizonDays,
    };
    const scored = await scoreBase(models, period, context, context.progress);
    return { ...period, asOf: period.asOf.toISOString(), ...scored };
  };
}

export interface ScoredBase {
  readonly customers: number;
  /**
   * Whether lists and segments read this scoring. They do not if its model is not active, or if a scoring of a later date, or for the
   * configured horizon, is there in place of it.
   */
  readonly isListed: boolean;
  /** Null where it cannot be measured. */
  readonly drift: Pick<DriftMeasure, 'state' | 'score'> | null;
}

/**
 * Predicts, ranks, measures drift, and compares earlier predictions with their outcome.
 * @throws ClvError INSUFFICIENT_DATA where nobody had bought before the date
 */
export async function scoreBase(
  models: ModelLoader,
  period: PredictionPeriod,
  context: JobContext,
  progress: ProgressReporter,
): Promise<ScoredBase> {
  const { dataSource, fanOut, signal, config } = context;
  const shards = await planShards(dataSource, customersPerShard);
  const results = await fanOut<{ customers: number }>(
    `${period.modelId} ${period.asOf.toISOString()} ${period.horizonDays}`,
    shards.map((shard) => ({ period, shard })),
    partOf({ report: (_, fraction) => progress.report('scoring', fraction) }, 0, 0.9),
  );
  const customers = results.reduce((sum, result) => sum + result.customers, 0);
  if (customers === 0) {
    throw new ClvError(
      'INSUFFICIENT_DATA',
      `No customer had bought before ${period.asOf.toISOString()}: choose a later date. The last scoring stays as it was.`,
    );
  }
  const present = { asOf: await servingAsOf(dataSource, config), horizonDays: config.horizonDays };
  // Postgres ranks while the model predicts for the drift. Progress is that of ranking, which takes longer: up to a minute.
  const [isListed, measured] = await allSettled([
    finishScoring(dataSource, period, present, { progress: partOf(progress, 0.9, 0.98), signal }),
    driftOf(dataSource, models, period, { progress: silentProgress, signal }),
  ]);
  // Not earlier: it would wait for the ranking, and meanwhile use one of the few connections.
  if (measured) await keepDrift(dataSource, period, measured);
  await settleRealisedMetrics(dataSource, signal);
  const drift = measured?.drift ?? null;
  return {
    customers,
    isListed,
    drift: drift && { state: drift.state, score: drift.score },
  };
}

export function scoreShardHandler(models: ModelLoader): ShardHandler {
  return async (input, { dataSource, signal }) => {
    const { period, shard } = parseInput(shardInput, input);
    return { customers: await scoreShard(dataSource, models, period, shard, signal) };
  };
}

/** Ranks the base after an abandoned scoring: lists would show its new values under old ranks until the next scoring. */
export const rankAbandoned: AbandonedShardsHandler = async (shards, dataSource) => {
  // They are of one period, unless a new day began between two attempts.
  const periods = new Map(
    shards.map((shard) => {
      const { period } = parseInput(shardInput, shard);
      return [JSON.stringify(period), period];
    }),
  );
  for (const period of periods.values()) await rankAgain(dataSource, period);
};

import { z } from 'zod';
import { partOf, type ProgressReporter, silentProgress } from '../../progress.js';
import type { ModelLoader } from '../../services/loaded-model.js';
import type { PredictionPeriod } from '../../services/prediction-store.js';
import { finishScoring, planShards, scoreShard } from '../../services/scoring.service.js';
import type { JobContext, JobHandler, ShardHandler } from '../job.js';
import { horizonDays, instant, modelOf, parseInput, presentAsOf } from './input.js';

/** Small enough for a bar that moves, and for little to be lost with a worker. */
const customersPerShard = 1_000;

const scoreRunInput = z.object({
  modelId: z.string().optional(),
  asOf: instant.optional(),
  horizonDays: horizonDays.optional(),
});

const shardInput = z.object({
  period: z.object({ modelId: z.string(), horizonDays, asOf: instant }),
  shard: z.object({ firstId: z.string(), lastId: z.string(), customers: z.number() }),
});

/** Predicts for all customers; with the active model, for now and the configured horizon unless others are named. */
export const scoreHandler: JobHandler = async (input, context) => {
  const { modelId, asOf, horizonDays } = parseInput(scoreRunInput, input);
  const period: PredictionPeriod = {
    modelId: (await modelOf(context, modelId)).id,
    asOf: asOf ?? (await presentAsOf(context)),
    horizonDays: horizonDays ?? context.config.horizonDays,
  };
  const customers = await scoreBase(period, context, context.progress);
  return { ...period, asOf: period.asOf.toISOString(), customers };
};

/** @returns customers scored */
export async function scoreBase(
  period: PredictionPeriod,
  { dataSource, fanOut }: JobContext,
  progress: ProgressReporter,
): Promise<number> {
  const shards = await planShards(dataSource, customersPerShard);
  const results = await fanOut<{ customers: number }>(
    shards.map((shard) => ({ period, shard })),
    partOf({ report: (_, fraction) => progress.report('scoring', fraction) }, 0, 0.97),
  );
  await progress.report('ranking', 0.97);
  await finishScoring(dataSource, period);
  return results.reduce((sum, { customers }) => sum + customers, 0);
}

export function scoreShardHandler(models: ModelLoader): ShardHandler {
  return async (input, { dataSource, signal }) => {
    const { period, shard } = parseInput(shardInput, input);
    return { customers: await scoreShard(dataSource, models, period, shard, { progress: silentProgress, signal }) };
  };
}

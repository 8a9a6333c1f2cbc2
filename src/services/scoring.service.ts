import type { DataSource } from 'typeorm';
import { ModelVersion } from '../entities/index.js';
import { computeFeatures } from '../ml/features/compute-features.js';
import type { ProgressReporter } from '../progress.js';
import { scoreCustomers } from './customer-scoring.js';
import type { CustomerShard } from './customer-shards.js';
import type { ModelLoader } from './loaded-model.js';
import { type PredictionPeriod, rankPredictions, savePredictions } from './prediction-store.js';
import { factsChangedAtOf } from './predictions.service.js';

/** Customers whose predictions are made and written together. */
const batchSize = 1_000;

export interface ScoringContext {
  readonly progress: ProgressReporter;
  readonly signal: AbortSignal;
}

/**
 * Scores the customers of a shard. Doing it again overwrites the same rows, so a shard that died can simply be repeated.
 * @returns customers scored: those with a purchase before the as-of date
 */
export async function scoreShard(
  dataSource: DataSource,
  models: ModelLoader,
  period: PredictionPeriod,
  shard: CustomerShard,
  { progress, signal }: ScoringContext,
): Promise<number> {
  await using model = await models.byId(period.modelId);
  let scoredCustomers = 0;
  let seen = 0;
  for await (const customerIds of idsOf(dataSource, shard)) {
    signal.throwIfAborted();
    const factsChangedAt = await factsChangedAtOf(dataSource, customerIds);
    const rows = await computeFeatures(dataSource, { asOf: period.asOf, customerIds });
    const scored = await scoreCustomers(model, rows, { horizonDays: period.horizonDays, signal });
    if (scored.length > 0) await savePredictions(dataSource, period, scored, factsChangedAt);
    scoredCustomers += scored.length;
    seen += customerIds.length;
    await progress.report('scoring', seen / shard.customers);
  }
  return scoredCustomers;
}

/** Ranks the scored base and makes it what lists and segments read. */
export async function finishScoring(dataSource: DataSource, period: PredictionPeriod): Promise<void> {
  await dataSource.transaction(async (manager) => {
    // Statistics lag behind the rows just written, and know nothing of how model, horizon and date go together: the
    // planner would take the base for a handful of rows, and join the ranks in quadratic time.
    await manager.query('analyze prediction');
    await manager.query('set local enable_nestloop = off');
    await rankPredictions(manager, period);
    await manager.update(ModelVersion, period.modelId, {
      scoredAsOf: period.asOf,
      scoredHorizonDays: period.horizonDays,
    });
  });
  await dataSource.query('analyze prediction');
}

async function* idsOf(dataSource: DataSource, { firstId, lastId }: CustomerShard): AsyncGenerator<string[]> {
  let after = (BigInt(firstId) - 1n).toString();
  for (;;) {
    const rows = await dataSource.query<{ id: string }[]>(
      'select id from customer where id > $1 and id <= $2 order by id limit $3',
      [after, lastId, batchSize],
    );
    if (rows.length === 0) return;
    yield rows.map(({ id }) => id);
    after = rows.at(-1)!.id;
  }
}

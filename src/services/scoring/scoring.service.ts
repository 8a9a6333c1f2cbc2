import type { DataSource, EntityManager } from 'typeorm';
import type { Queryable } from '../../database/queryable.js';
import { throughDeadlocks } from '../../database/through-deadlocks.js';
import { ModelVersion } from '../../entities/index.js';
import { computeFeatures } from '../../ml/features/compute-features.js';
import { type JobHooks, partOf, silentProgress } from '../../progress.js';
import { noteClvChanges } from './note-clv-changes.js';
import { scoreCustomers } from './customer-scoring.js';
import type { CustomerRange } from './customer-shards.js';
import type { ModelLoader } from '../models/loaded-model.js';
import {
  factsChangedAtOf,
  type PredictionPeriod,
  removePredictions,
  savePredictions,
} from '../predictions/prediction-store.js';
import { rankPredictions } from './rank-predictions.js';

/** Customers whose predictions are made and written together. */
const batchSize = 1_000;

/**
 * Scores the customers of a shard. Doing it again overwrites the same rows, so a shard that died can simply be repeated.
 * @returns customers scored: those with a purchase before the as-of date
 */
export async function scoreShard(
  dataSource: DataSource,
  models: ModelLoader,
  period: PredictionPeriod,
  shard: CustomerRange,
  signal: AbortSignal,
): Promise<number> {
  await using model = await models.byId(period.modelId);
  // Awaited, so that the model is held until the end.
  return await withoutParallelWorkers(dataSource, async (queryable) => {
    let scoredCustomers = 0;
    for await (const customerIds of idsOf(queryable, shard)) {
      signal.throwIfAborted();
      const factsChangedAt = await factsChangedAtOf(queryable, customerIds);
      const { covariates } = model.version;
      const rows = await computeFeatures(queryable, { asOf: period.asOf, customerIds, covariates });
      const scored = await scoreCustomers(model, rows, { horizonDays: period.horizonDays, signal });
      // Requests write predictions of the same customers.
      await throughDeadlocks(() => savePredictions(queryable, period, scored, factsChangedAt));
      const founded = new Set(scored.map(({ customerId }) => customerId));
      await removePredictions(
        queryable,
        period,
        customerIds.filter((id) => !founded.has(id)),
      );
      scoredCustomers += scored.length;
    }
    return scoredCustomers;
  });
}

/** Shards run side by side, and each has a model to run, too: Postgres's own helpers would only take cores from those. */
async function withoutParallelWorkers<T>(
  dataSource: DataSource,
  work: (queryable: Queryable) => Promise<T>,
): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('set max_parallel_workers_per_gather = 0');
    return await work(runner);
  } finally {
    await runner.query('reset max_parallel_workers_per_gather').catch(() => undefined);
    await runner.release();
  }
}

/** What lists and segments are meant to be of: today, and the configured horizon. */
type PresentPeriod = Pick<PredictionPeriod, 'asOf' | 'horizonDays'>;

/**
 * Ranks the scored base and makes it what lists and segments read, unless it is a look back or of another horizon and they
 * have something better, and notes what has changed in them; the model's predictions of earlier days go.
 * @returns whether lists and segments read it: not where the model is not the active one, or no more
 * @throws the signal's reason where it is aborted before all are ranked: then lists are as they were
 */
export async function finishScoring(
  dataSource: DataSource,
  period: PredictionPeriod,
  present: PresentPeriod,
  { progress = silentProgress, ...hooks }: Partial<JobHooks> = {},
): Promise<boolean> {
  const rank = async (manager: EntityManager) => {
    const model = await manager.findOneOrFail(ModelVersion, { where: { id: period.modelId }, lock: whileRanked });
    await rankPredictions(manager, period, { ...hooks, progress: partOf(progress, 0, 0.65) });
    const keeps = hasBetter(model, period, present);
    const scoredAsOf = keeps ? model.scoredAsOf! : period.asOf;
    const scoredHorizonDays = keeps ? model.scoredHorizonDays : period.horizonDays;
    // Written either way: a new version of the row tells everybody that ranks have moved.
    await manager.update(ModelVersion, period.modelId, { scoredAsOf, scoredHorizonDays });
    return { isRead: !keeps && model.state === 'ACTIVE', scoredAsOf };
  };
  // Requests write predictions of the same customers, in another order.
  const { isRead, scoredAsOf } = await throughDeadlocks(() => dataSource.transaction(rank));
  await progress.report('removing what nobody reads', 0.65);
  // Those of earlier days, which nobody reads any more, would pile up.
  for (const table of ['prediction', 'explanation']) {
    const removal = `delete from ${table} where model_id = $1 and as_of < least($2::timestamptz, $3)`;
    // Erasures delete rows in another order.
    await throughDeadlocks(() => dataSource.query(removal, [period.modelId, period.asOf, scoredAsOf]));
  }
  await dataSource.query('analyze prediction');
  if (isRead) await noteClvChanges(dataSource, { progress: partOf(progress, 0.7, 1) });
  return isRead;
}

/** Ranks the values of a scoring that was not finished together with those that it has not replaced, where lists read them. */
export async function rankAgain(dataSource: DataSource, period: PredictionPeriod): Promise<void> {
  const wasRanked = await throughDeadlocks(() =>
    dataSource.transaction(async (manager) => {
      const { modelId, horizonDays: scoredHorizonDays, asOf: scoredAsOf } = period;
      // Of a scoring of another day that is finishing, lists read that one once the lock is there.
      const where = { id: modelId, scoredHorizonDays, scoredAsOf };
      if (!(await manager.findOne(ModelVersion, { where, lock: whileRanked }))) return false;
      await rankPredictions(manager, period, { progress: silentProgress });
      // A new version of the row tells everybody that ranks have moved.
      await manager.update(ModelVersion, modelId, { scoredAsOf });
      return true;
    }),
  );
  if (wasRanked) await noteClvChanges(dataSource);
}

/**
 * Lock of the model's row until the transaction ends: no request keeps a prediction among the old ranks meanwhile, and no other scoring
 * becomes what lists read. Predictions, which refer to it, can be written.
 */
const whileRanked = { mode: 'for_no_key_update' } as const;

/** Whether what lists read now is of the present's horizon, and the new scoring is not, or is of an earlier day. */
function hasBetter(
  { scoredAsOf, scoredHorizonDays }: ModelVersion,
  period: PredictionPeriod,
  present: PresentPeriod,
): boolean {
  if (!scoredAsOf || scoredHorizonDays !== present.horizonDays) return false;
  return period.horizonDays !== present.horizonDays || (period.asOf < present.asOf && period.asOf < scoredAsOf);
}

async function* idsOf(queryable: Queryable, { firstId, lastId }: CustomerRange): AsyncGenerator<string[]> {
  let after = (BigInt(firstId) - 1n).toString();
  for (;;) {
    const rows = await queryable.query<{ id: string }>(
      'select id from customer where id > $1 and id <= $2 order by id limit $3',
      [after, lastId, batchSize],
    );
    if (rows.length === 0) return;
    yield rows.map(({ id }) => id);
    after = rows.at(-1)!.id;
  }
}

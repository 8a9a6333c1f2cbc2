import type { DataSource, EntityManager } from 'typeorm';
import { throughDeadlocks } from '../../database/through-deadlocks.js';
import { type JobHooks, silentProgress } from '../../progress.js';
import { lockErasures } from '../ingestion/live/erasure.js';
import { tierAt } from '../predictions/tiers.js';
import type { PredictionPeriod } from '../predictions/prediction-store.js';
import { findScoredBase, isStillRead } from './scored-base.js';

/**
 * Every value moves a little each day. It counts as changed if it differs from the one noted last by more than this share of
 * that one, and by more than this share of the mean of all.
 */
export const noteworthyChange = { ofItself: 0.05, ofMean: 0.01 } as const;

interface NotedChanges {
  /** The model whose predictions lists read; null where they read none. */
  readonly modelId: string | null;
  /** Customers. */
  readonly changed: number;
}

/** What is written between two reports of progress, and before an abort is heeded: some two seconds' worth. */
const changesAtOnce = 25_000;

/**
 * Notes whose value or tier in lists is another than the one noted last, whichever model says so. It compares with what was
 * noted, not with the scoring before: slow changes add up until they are noted, and what one call misses the next one finds.
 * Called whenever lists read other values, after that is committed. All changes are noted at one time, or none.
 * @throws the signal's reason where it is aborted
 */
export async function noteClvChanges(
  dataSource: DataSource,
  { progress = silentProgress, signal }: Partial<JobHooks> = {},
): Promise<NotedChanges> {
  const note = async (manager: EntityManager): Promise<NotedChanges> => {
    await progress.report('finding changes of values', 0);
    // Nobody is erased meanwhile, and nobody else is noting, so that a later note has a later time.
    await manager.query(lockErasures);
    const { scored } = await findScoredBase(manager);
    if (!scored) return { modelId: null, changed: 0 };
    await findChanged(manager, scored);
    // Whoever has scored anew meanwhile notes changes next.
    const isLast = await isStillRead(manager, scored);
    return { modelId: scored.modelId, changed: isLast ? await writeChanged(manager, { progress, signal }) : 0 };
  };
  return throughDeadlocks(() => dataSource.transaction(note));
}

/** Into a table of this transaction, by one statement, which sees one state of the predictions. */
async function findChanged(manager: EntityManager, { modelId, horizonDays, asOf }: PredictionPeriod): Promise<void> {
  const { ofItself, ofMean } = noteworthyChange;
  await manager.query(
    `create temporary table changed_value on commit drop as
     with scored as (
       select customer_id, expected_value as value, ${tierAt('coalesce(percentile, 0)')}::clv_tier as tier
       from prediction where model_id = $1 and horizon_days = $2 and as_of = $3
     ), listed as (
       select customer_id, coalesce(s.value, 0) as value, coalesce(s.tier, 'BRONZE') as tier,
         v.customer_id is null as is_new, v.value as known_value, v.tier as known_tier
       from scored s full join clv_change v using (customer_id)
     )
     select customer_id, value, tier, row_number() over (order by customer_id) as place
     from listed
     where is_new or tier <> known_tier
       -- As a value the mean is found once. Joined, it is found for each customer where the planner expects hardly any.
       or abs(value - known_value) > greatest(
         ${ofItself} * abs(known_value), ${ofMean} * (select coalesce(avg(value), 0) from scored))`,
    [modelId, horizonDays, asOf],
  );
}

/** @returns how many */
async function writeChanged(
  manager: EntityManager,
  { progress, signal }: Pick<JobHooks, 'progress'> & Partial<JobHooks>,
): Promise<number> {
  const [{ changed, at }] = await manager.query<[{ changed: number; at: Date }]>(
    `select (select count(*)::integer from changed_value) as changed,
       date_trunc('milliseconds', greatest(clock_timestamp(), max(changed_at)) + interval '1 millisecond') as at
     from clv_change`,
  );
  for (let written = 0; written < changed; written += changesAtOnce) {
    signal?.throwIfAborted();
    await progress.report('noting changes of values', written / changed);
    await manager.query(
      `insert into clv_change as v (customer_id, changed_at, value, tier, tier_changed_at)
       select customer_id, $1::timestamptz, value, tier, $1 from changed_value where place > $2 and place <= $3
       on conflict (customer_id) do update set
         changed_at = excluded.changed_at, previous_value = v.value, value = excluded.value,
         tier = excluded.tier,
         tier_changed_at = case when excluded.tier = v.tier then v.tier_changed_at else excluded.changed_at end,
         previous_tier = case when excluded.tier = v.tier then v.previous_tier else v.tier end`,
      [at, written, written + changesAtOnce],
    );
  }
  await manager.query('analyze clv_change');
  return changed;
}

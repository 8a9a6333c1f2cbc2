import type { DataSource, EntityManager } from 'typeorm';
import { retried } from '../../database/transient.js';
import { clvTiers } from '../../entities/index.js';
import { lockErasures } from '../ingestion/erasure.js';
import { tierBounds } from '../predictions/customer-clv.js';
import type { PredictionPeriod } from '../predictions/prediction-store.js';
import { findScoredBase } from './scored-base.js';

/**
 * A value has changed that is further from the one noted last than either: this share of it, and this share of the mean of
 * all, since every value moves a little each day.
 */
export const noteworthyChange = { ofItself: 0.05, ofMean: 0.01 } as const;

const tierAt = (percentile: string): string =>
  `case ${clvTiers.map((tier) => `when ${percentile} >= ${tierBounds[tier]} then '${tier}'`).join(' ')} end::clv_tier`;

/**
 * Notes whose value or tier in lists is another than the one noted last, whichever model says so. It compares with what was
 * noted, not with the scoring before: slow changes add up until they are noted, and what one call misses the next one finds.
 * Called whenever lists read other values, after that is committed.
 */
export async function noteClvChanges(dataSource: DataSource): Promise<void> {
  const note = async (manager: EntityManager) => {
    // Nobody is erased meanwhile, and nobody else is noting, so that a later note has a later time.
    await manager.query(lockErasures);
    const { scored } = await findScoredBase(manager);
    if (scored) await noteChanged(manager, scored);
  };
  await retried(() => dataSource.transaction(note));
}

async function noteChanged(manager: EntityManager, { modelId, horizonDays, asOf }: PredictionPeriod): Promise<void> {
  const { ofItself, ofMean } = noteworthyChange;
  await manager.query(
    `with scored as (
       select customer_id, expected_value as value, ${tierAt('coalesce(percentile, 0)')} as tier
       from prediction where model_id = $1 and horizon_days = $2 and as_of = $3
     ), listed as (
       select customer_id, coalesce(s.value, 0) as value, coalesce(s.tier, 'BRONZE') as tier,
         v.customer_id is null as is_new, v.value as known_value, v.tier as known_tier
       from scored s full join clv_change v using (customer_id)
     )
     insert into clv_change as v (customer_id, changed_at, value, tier, tier_changed_at)
     select customer_id, noted.at, value, tier, noted.at
     from listed,
       (select coalesce(avg(value), 0) as value from scored) mean (mean_value),
       (select date_trunc('milliseconds', greatest(clock_timestamp(), max(changed_at)) + interval '1 millisecond') as at
        from clv_change) noted
     where is_new or tier <> known_tier
       or abs(value - known_value) > greatest(${ofItself} * abs(known_value), ${ofMean} * mean_value)
     on conflict (customer_id) do update set
       changed_at = excluded.changed_at, previous_value = v.value, value = excluded.value,
       tier = excluded.tier,
       tier_changed_at = case when excluded.tier = v.tier then v.tier_changed_at else excluded.changed_at end,
       previous_tier = case when excluded.tier = v.tier then v.previous_tier else v.tier end`,
    [modelId, horizonDays, asOf],
  );
  await manager.query('analyze clv_change');
}

import type { Queryable } from '../../database/queryable.js';
import type { PredictionPeriod } from '../predictions/prediction-store.js';

/** The active model's last scoring of the whole base, which lists, segments and the portfolio read; null before it. */
export async function scoredBaseOf(queryable: Queryable): Promise<PredictionPeriod | null> {
  const [scored] = await queryable.query<PredictionPeriod>(
    `select id as "modelId", scored_horizon_days as "horizonDays", scored_as_of as "asOf"
     from model_version where state = 'ACTIVE' and scored_as_of is not null`,
  );
  return scored ?? null;
}

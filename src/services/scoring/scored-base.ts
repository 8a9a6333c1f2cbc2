import type { Queryable } from '../../database/queryable.js';
import { ClvError } from '../../errors.js';
import type { PredictionPeriod } from '../predictions/prediction-store.js';

/** The active model's last scoring of the whole base, which lists, segments and the portfolio read; null before it. */
export async function scoredBaseOf(queryable: Queryable): Promise<PredictionPeriod | null> {
  const [scored] = await queryable.query<PredictionPeriod>(
    `select id as "modelId", scored_horizon_days as "horizonDays", scored_as_of as "asOf"
     from model_version where state = 'ACTIVE' and scored_as_of is not null`,
  );
  return scored ?? null;
}

/** @throws ClvError MODEL_NOT_READY before it */
export async function requireScoredBase(queryable: Queryable): Promise<PredictionPeriod> {
  const scored = await scoredBaseOf(queryable);
  if (scored) return scored;
  throw notScored('This');
}

/** @param what was asked for, as the caller knows it */
export function notScored(what: string): ClvError {
  return new ClvError(
    'MODEL_NOT_READY',
    `${what} needs predictions of all customers, which no active model has made yet. An administrator starts that with startScoring.`,
  );
}

import type { Queryable } from '../../database/queryable.js';
import { ClvError } from '../../errors.js';
import type { PredictionPeriod } from '../predictions/prediction-store.js';

export interface ScoredBase {
  /** The active model's last scoring of the whole base, which lists, segments and the portfolio read; null before it. */
  readonly scored: PredictionPeriod | null;
  readonly isModelActive: boolean;
}

export async function findScoredBase(queryable: Queryable): Promise<ScoredBase> {
  const [active] = await queryable.query<
    Pick<PredictionPeriod, 'modelId'> & { readonly horizonDays: number | null; readonly asOf: Date | null }
  >(
    `select id as "modelId", scored_horizon_days as "horizonDays", scored_as_of as "asOf"
     from model_version where state = 'ACTIVE'`,
  );
  const { horizonDays = null, asOf = null } = active ?? {};
  const scored = active && horizonDays !== null && asOf !== null ? { ...active, horizonDays, asOf } : null;
  return { scored, isModelActive: active !== undefined };
}

/** @throws ClvError MODEL_NOT_READY where the base was not scored */
export async function requireScoredBase(queryable: Queryable): Promise<PredictionPeriod> {
  const base = await findScoredBase(queryable);
  if (!base.scored) throw notScored(base);
  return base.scored;
}

/**
 * Whether lists still read the scoring of a date: a scoring of another one that ends takes its predictions away, so that what was
 * read of them may be nothing.
 */
export async function isStillRead(
  queryable: Queryable,
  { modelId, asOf }: Pick<PredictionPeriod, 'modelId' | 'asOf'>,
): Promise<boolean> {
  const { scored } = await findScoredBase(queryable);
  return scored?.modelId === modelId && scored.asOf.getTime() === asOf.getTime();
}

/** @throws ClvError CONFLICT if the predictions of the period may have been removed while they were read */
export async function requireStillRead(queryable: Queryable, period: PredictionPeriod): Promise<void> {
  if (!(await isStillRead(queryable, period))) throw scoredAnew();
}

/** The failure of a request for what belongs to one scoring, where lists read another one by now. */
export const scoredAnew = (): ClvError =>
  new ClvError('CONFLICT', 'All customers were scored anew while this was read. Ask again.');

/** @param what was asked for, as the caller knows it */
export function notScored({ isModelActive }: Pick<ScoredBase, 'isModelActive'>, what = 'This'): ClvError {
  const missing = isModelActive
    ? 'which the active model has not made yet. A SCORE run makes them: wait for it where promoteModel has just started one; else an administrator starts one with startScoring.'
    : 'and no model is active. An administrator makes one with startPreprocessing, startFineTune and promoteModel.';
  return new ClvError('MODEL_NOT_READY', `${what} needs predictions of all customers, ${missing}`);
}

/**
 * Whether the same model has ranked, as of the same date, all those customers for another horizon, too. A few are also
 * ranked where only they were asked for.
 */
export async function isScoredFor(
  queryable: Queryable,
  { modelId, horizonDays, asOf }: PredictionPeriod,
  otherDays: number,
): Promise<boolean> {
  const [found] = await queryable.query<{ all: boolean }>(
    `select count(*) filter (where horizon_days = $4 and percentile is not null)
       >= count(*) filter (where horizon_days = $2) as all
     from prediction where model_id = $1 and horizon_days in ($2, $4) and as_of = $3`,
    [modelId, horizonDays, asOf, otherDays],
  );
  return found?.all ?? false;
}

import type { Queryable } from '../../database/queryable.js';
import type { JobHooks } from '../../progress.js';
import type { PredictionPeriod } from '../predictions/prediction-store.js';

/** What is written between two reports of progress: some two seconds' worth. */
const ranksAtOnce = 50_000;

/** Without a signal it is not to be cancelled. */
type RankingHooks = Pick<JobHooks, 'progress'> & Partial<JobHooks>;

interface Part {
  readonly first: string;
  readonly last: string;
}

/**
 * Ranks the whole scored base: the percentile is the share of the other customers with a lower expected value. Of a large base
 * nearly all of the time goes into writing.
 * @param transaction all ranks are of one state of the predictions, which must not change meanwhile
 * @throws the signal's reason where it is aborted
 */
export async function rankPredictions(
  transaction: Queryable,
  { modelId, horizonDays, asOf }: PredictionPeriod,
  { progress, signal }: RankingHooks,
): Promise<void> {
  const period = [modelId, horizonDays, asOf];
  await progress.report('ranking', 0);
  // Statistics lag behind the rows just written, and know nothing of how model, horizon and date go together: the
  // planner would take the base for a handful of rows, and join the ranks in quadratic time.
  await transaction.query('analyze prediction');
  await transaction.query('set local enable_nestloop = off');
  await transaction.query(
    `create temporary table ranked on commit drop as
     select customer_id, 100 * percent_rank() over (order by expected_value) as percentile
     from prediction where model_id = $1 and horizon_days = $2 and as_of = $3`,
    period,
  );
  const parts = await transaction.query<Part>(
    `select min(customer_id) as first, max(customer_id) as last
     from (select customer_id, (row_number() over (order by customer_id) - 1) / ${ranksAtOnce} as part from ranked) numbered
     group by part order by part`,
  );
  for (const [done, { first, last }] of parts.entries()) {
    signal?.throwIfAborted();
    await progress.report('ranking', done / parts.length);
    await transaction.query(
      `update prediction p set percentile = ranked.percentile from ranked
       where p.model_id = $1 and p.horizon_days = $2 and p.as_of = $3 and p.customer_id = ranked.customer_id
         and p.customer_id between $4 and $5 and ranked.customer_id between $4 and $5`,
      [...period, first, last],
    );
  }
}

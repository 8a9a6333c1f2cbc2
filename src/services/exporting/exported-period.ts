import type { EntityManager } from 'typeorm';
import { utcDayOf } from '../../database/utc-day.js';
import { dayOf, startOfDay } from '../../days.js';
import type { ModelVersion } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { requireTrainedModel } from '../models/find-model.js';
import { whyUnusable } from '../models/serving-bundle.js';
import type { PredictionPeriod } from '../predictions/prediction-store.js';
import { requireScoredBase } from '../scoring/scored-base.js';
import { counted } from '../../text.js';

/** Which scoring of all customers. By default the active model's last one; with a model, that model's. */
export type ChosenScoring = { readonly [Part in keyof PredictionPeriod]?: PredictionPeriod[Part] | undefined };

/**
 * @throws ClvError MODEL_NOT_READY if there is no such scoring of all customers, or a later one has replaced it; NOT_FOUND
 */
export async function exportedPeriod(manager: EntityManager, chosen: ChosenScoring): Promise<PredictionPeriod> {
  if (!chosen.modelId && !chosen.asOf && !chosen.horizonDays) return requireScoredBase(manager);
  const model = await requireTrainedModel(manager, chosen.modelId);
  const { id: modelId, scoredAsOf, scoredHorizonDays } = model;
  const asOf = chosen.asOf ? startOfDay(chosen.asOf) : scoredAsOf;
  const horizonDays = chosen.horizonDays ?? scoredHorizonDays;
  if (asOf && horizonDays) {
    // The last scoring counts as complete, even if customers with earlier orders were added since, as it does for lists.
    if (scoredAsOf && dayOf(asOf) === dayOf(scoredAsOf) && horizonDays === scoredHorizonDays)
      return { modelId, asOf: scoredAsOf, horizonDays };
    const period = { modelId, asOf, horizonDays };
    if (await isScored(manager, period)) return period;
  }
  throw new ClvError(
    'MODEL_NOT_READY',
    `Model ${modelId} has not scored all customers${asOf ? ` as of ${dayOf(asOf)}` : ''}` +
      `${horizonDays ? ` for ${counted(horizonDays, 'day')}` : ''}, or a later scoring has removed that${insteadOf(model)}`,
  );
}

/** What to do, as the end of a sentence. */
function insteadOf(model: ModelVersion): string {
  const unusable = whyUnusable(model);
  if (!unusable) return ': run `clvgraph score` with the same --model, --as-of and --horizon-days first.';
  const last = model.scoredAsOf ? ', but its last scoring is there: leave out --as-of and --horizon-days' : '';
  return `${last}. ${unusable.message}`;
}

/** Whether all customers who had bought before the as-of date are predicted and ranked. */
async function isScored(manager: EntityManager, { modelId, asOf, horizonDays }: PredictionPeriod): Promise<boolean> {
  const [found] = await manager.query<{ all: boolean }[]>(
    `select count(p.customer_id) > 0 and count(p.customer_id) = count(*) as all
     from customer_summary s left join prediction p on p.customer_id = s.customer_id
       and p.model_id = $1 and p.as_of = $2 and p.horizon_days = $3 and p.percentile is not null
     where s.first_day < ${utcDayOf('$2')}`,
    [modelId, asOf, horizonDays],
  );
  return found?.all ?? false;
}

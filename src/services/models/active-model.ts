import type { Queryable } from '../../database/queryable.js';
import { midnightOf } from '../../days.js';
import { newestPurchaseDay } from '../predictions/serving-as-of.js';

/** What requests need of the model that serves; its weights are with whoever runs it. */
export interface ActiveModel {
  readonly id: string;
  readonly scoredAsOf: Date | null;
}

export interface ServingState {
  /** Null where no model was promoted yet. */
  readonly model: ActiveModel | null;
  /** Another one after each scoring of the whole base, which moves percentiles; null where there is no model. */
  readonly ranking: string | null;
  /** The newest day on which anybody bought, as midnight UTC; null where there is none. */
  readonly lastDay: Date | null;
}

/**
 * What decides on model and as-of date of all predictions. A few bytes by way of two indexes, so it is asked for with
 * every batch and is right in every process the moment that any of them has promoted another model.
 */
export async function findServingState(queryable: Queryable): Promise<ServingState> {
  const [row] = await queryable.query<StateRow>(
    // The transaction that wrote the model's row: a scoring writes it in the one in which it ranks the base.
    `select m.id, m.scored_as_of as "scoredAsOf", m.xmin::text as ranking, d.day::text as "lastDay"
     from (${newestPurchaseDay}) d left join model_version m on m.state = 'ACTIVE'`,
  );
  const { id = null, scoredAsOf = null, ranking = null, lastDay = null } = row ?? {};
  const model = id === null ? null : { id, scoredAsOf };
  return { model, ranking, lastDay: lastDay === null ? null : midnightOf(lastDay) };
}

interface StateRow {
  readonly id: string | null;
  readonly scoredAsOf: Date | null;
  readonly ranking: string | null;
  readonly lastDay: string | null;
}

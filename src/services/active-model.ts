import type { Queryable } from '../database/queryable.js';
import { midnightOf } from './serving-as-of.js';

/** What requests need of the model that serves; its weights are with whoever runs it. */
export interface ActiveModel {
  readonly id: string;
  readonly scoredAsOf: Date | null;
}

export interface ServingState {
  /** Null where no model was promoted yet. */
  readonly model: ActiveModel | null;
  /** The newest purchase day of anybody, as midnight UTC; null where there is none. */
  readonly lastDay: Date | null;
}

/**
 * What decides on model and as-of date of all predictions. A few bytes by way of two indexes, so it is asked for with
 * every batch and is right in every process the moment that any of them has promoted another model.
 */
export async function findServingState(queryable: Queryable): Promise<ServingState> {
  const [row] = await queryable.query<{ id: string | null; scoredAsOf: Date | null; lastDay: string | null }>(
    `select m.id, m.scored_as_of as "scoredAsOf", d.day::text as "lastDay"
     from (select max(day) as day from purchase_day) d left join model_version m on m.state = 'ACTIVE'`,
  );
  const { id = null, scoredAsOf = null, lastDay = null } = row ?? {};
  return { model: id === null ? null : { id, scoredAsOf }, lastDay: lastDay === null ? null : midnightOf(lastDay) };
}

import type { Queryable } from '../../database/queryable.js';
import { midnightOf } from '../../days.js';
import { purchasesKnownUntil } from '../predictions/serving-as-of.js';

/** What requests need of the active model. Its weights are in the process that runs it. */
interface ActiveModel {
  readonly id: string;
  readonly scoredAsOf: Date | null;
}

export interface ServingState {
  /** Null where no model was promoted yet. */
  readonly model: ActiveModel | null;
  /** Changes with each scoring of the whole base, which changes percentiles; null where there is no model. */
  readonly ranking: string | null;
  /** The day up to which purchases are known, as midnight UTC; null where there are none. */
  readonly lastDay: Date | null;
}

/**
 * What decides on model and as-of date of all predictions. It is read with every batch, which takes three index look-ups, so that every
 * process sees a promotion at once.
 */
export async function findServingState(queryable: Queryable): Promise<ServingState> {
  const [row] = await queryable.query<StateRow>(
    // `ranking` is the transaction that wrote the model's row: a scoring writes it together with the ranks.
    `select m.id, m.scored_as_of as "scoredAsOf", m.xmin::text as ranking, d.day::text as "lastDay"
     from (${purchasesKnownUntil}) d left join model_version m on m.state = 'ACTIVE'`,
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

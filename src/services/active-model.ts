import type { Queryable } from '../database/queryable.js';

/** What requests need of the model that serves; its weights are with whoever runs it. */
export interface ActiveModel {
  readonly id: string;
  readonly scoredAsOf: Date | null;
}

/**
 * Null where no model was promoted yet. A few bytes by way of an index, so it is asked for with every batch and is right
 * in every process the moment that any of them has promoted another.
 */
export async function findActiveModel(queryable: Queryable): Promise<ActiveModel | null> {
  const [active] = await queryable.query<ActiveModel>(
    `select id, scored_as_of as "scoredAsOf" from model_version where state = 'ACTIVE'`,
  );
  return active ?? null;
}

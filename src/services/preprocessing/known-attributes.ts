import type { EntityManager } from 'typeorm';
import type { Queryable } from '../../database/queryable.js';
import type { ModelVersion } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { findActiveModel } from '../models/find-model.js';

/** Names in a message; there may be thousands. */
const mostListed = 30;

/**
 * @param reader the model that a retrain has the names from
 * @throws ClvError BAD_USER_INPUT for attributes that no customer has, with those that there are
 */
export async function requireAttributes(
  queryable: Queryable,
  names: readonly string[],
  reader?: Pick<ModelVersion, 'id'>,
): Promise<void> {
  const unknown = await queryable.query<{ name: string }>(
    `select name from unnest($1::text[]) with ordinality as named (name, place)
     where not exists (select from customer where attributes ? name) order by place`,
    [names],
  );
  if (unknown.length === 0) return;
  const known = await queryable.query<{ name: string }>(
    'select distinct jsonb_object_keys(attributes) as name from customer order by name limit $1',
    [mostListed + 1],
  );
  const listed = known.slice(0, mostListed).map(({ name }) => `"${name}"`);
  if (known.length > mostListed) listed.push('others');
  throw new ClvError(
    'BAD_USER_INPUT',
    `covariates: no customer has the attribute ${unknown.map(({ name }) => `"${name}"`).join(', ')}. ` +
      (listed.length > 0 ? `There are ${listed.join(', ')}.` : 'Customers have no attributes: import or send some.') +
      (reader
        ? ` A retrain reads what the active model ${reader.id} reads. For others, or none, preprocess with them, ` +
          'fine-tune, and promote.'
        : ''),
  );
}

/**
 * What a retrain reads: what the active model does.
 * @throws ClvError BAD_USER_INPUT where no customer has one of these any more
 */
export async function attributesForRetrain(manager: EntityManager): Promise<string[]> {
  const active = await findActiveModel(manager);
  if (!active) return [];
  await requireAttributes(manager, active.covariates, active);
  return active.covariates;
}

import { type CustomerOrder, type OrderKey, orderKeys } from './customer-list-order.js';
import type { SqlParameters } from '../../sql-parameters.js';

/** Customers with a value come first, then those without. */
export type ListPart = 'known' | 'missing';

/** Position of the last customer before the page. */
export interface ListPosition {
  readonly value: string | null;
  readonly id: string;
}

/** The order of a page, in SQL. */
export interface Placing {
  readonly key: OrderKey;
  readonly part: ListPart;
  /** Null for an order by id alone. */
  readonly value: string | null;
  readonly id: string;
  readonly descending: boolean;
  /** Value and id, or the id alone. */
  readonly places: readonly string[];
  /** Conditions on all customers of the page, whatever the filter. */
  readonly conditions: readonly string[];
}

export function placingOf(
  { field, direction }: CustomerOrder,
  part: ListPart,
  after: ListPosition | undefined,
  parameters: SqlParameters,
): Placing {
  const key = orderKeys[field];
  const descending = (direction === 'DESC') !== (key.inverted ?? false);
  const value = part === 'known' ? key.value : null;
  // A missing prediction or change has no customer id either.
  const id = part === 'missing' && key.table !== 'summary' ? 'c.id' : key.id;
  // Nulls of a summary are ordered by value and id, too: otherwise the planner does not see that the index has this order.
  const places = key.value === null || id === 'c.id' ? [id] : [key.value, id];
  const conditions: string[] = [];
  if (key.missing) conditions.push(part === 'known' ? `not (${key.missing})` : key.missing);
  if (after) conditions.push(beyond(after, { value, id, type: key.type, descending }, parameters));
  return { key, part, value, id, descending, places, conditions };
}

export const placesOf = ({ value, id }: Placing): string => `${id} as id, ${value ?? 'null'} as place`;

export const cursorValue = ({ key }: Placing, value: string | null): string =>
  value === null ? 'null' : (key.text?.(value) ?? `${value}::text`);

export function orderBy(places: readonly string[], { descending }: Placing): string {
  return `order by ${places.map((place) => `${place} ${descending ? 'desc' : 'asc'}`).join(', ')}`;
}

function beyond(
  after: ListPosition,
  { value, id, type, descending }: { value: string | null; id: string; type: string; descending: boolean },
  parameters: SqlParameters,
): string {
  const comparison = descending ? '<' : '>';
  const afterId = parameters.add(after.id, 'bigint');
  if (value === null) return `${id} ${comparison} ${afterId}`;
  return `(${value}, ${id}) ${comparison} (${parameters.add(after.value, type)}, ${afterId})`;
}

import type { ImportMapping } from '../import.types.js';
import { columnName } from '../mapping/mapping.js';

/** Names of columns that say what became of an order, also in German and French. */
const namesOfStatus = /status|statut|\bstage\b|cancel|storn/i;

/**
 * The first column of orders that seems to say which of them were cancelled or never paid, if the mapping neither reads it nor leaves any
 * rows out: all of them then count as sales.
 */
export function findStatusColumn({ kind, columns, only }: ImportMapping, header: readonly string[]): string | null {
  if ((kind !== 'orders' && kind !== 'order-lines') || only) return null;
  const read = new Set(Object.values(columns).map(columnName));
  return header.find((name) => namesOfStatus.test(name) && !read.has(columnName(name)))?.trim() ?? null;
}

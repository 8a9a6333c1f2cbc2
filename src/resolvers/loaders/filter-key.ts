import type { CustomerFilter } from '../../services/customers/customer-filter.types.js';

/** What Postgres takes in no text. */
const notGiven = '\0';

/** Filters that differ in nothing. One with a variable that is not given, which is refused, is not the same as one without it. */
export function filterKey(filter: CustomerFilter): string {
  return JSON.stringify(filter, (_name, value: unknown) => (value === undefined ? notGiven : value));
}

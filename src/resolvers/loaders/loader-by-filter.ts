import DataLoader from 'dataloader';
import pLimit from 'p-limit';
import type { CustomerFilter } from '../../services/customers/customer-filter.types.js';

/** Twice as many as are counted at once, of all requests together, so that none of those is idle. */
const atOnce = 4;

/** What Postgres takes in no text. */
const notGiven = '\0';

/**
 * DataLoader over a function that finds something of a filter's customers: a few filters at a time, each once; one that fails leaves
 * the others be.
 * @param hasLeft whether nobody waits for them any longer: then no more are begun, and there is no answer
 */
export function loaderByFilter<Value>(
  find: (filter: CustomerFilter) => Promise<Value>,
  hasLeft: () => boolean,
): DataLoader<CustomerFilter, Value, string> {
  return new DataLoader(
    (filters) => {
      const inTurn = pLimit(atOnce);
      return Promise.all(
        filters.map((filter) =>
          inTurn(() => (hasLeft() ? new Promise<never>(() => undefined) : find(filter).catch((error: Error) => error))),
        ),
      );
    },
    { cacheKeyFn: filterKey },
  );
}

/** Filters that differ in nothing. One with a variable that is not given, which is refused, is not the same as one without it. */
function filterKey(filter: CustomerFilter): string {
  return JSON.stringify(filter, (_name, value: unknown) => (value === undefined ? notGiven : value));
}

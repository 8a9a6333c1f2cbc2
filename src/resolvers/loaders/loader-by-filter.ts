import DataLoader from 'dataloader';
import pLimit from 'p-limit';
import type { CustomerFilter } from '../../services/customers/customer-filter.types.js';

/** Filters of one request that are begun at a time: enough to keep the services busy, which count for two at a time over all requests. */
const atOnce = 4;

/** A text that no filter holds, since Postgres cannot store it. */
const notGiven = '\0';

/**
 * DataLoader over a function that finds something about the customers of a filter. It takes a few filters at a time, and equal ones once. A
 * filter that fails does not affect the others.
 * @param hasLeft whether nobody waits any longer: then no more filters are begun, and there is no answer
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

/** Equal filters have equal keys. A filter with a variable that is not given, which is refused, differs from one without the variable. */
function filterKey(filter: CustomerFilter): string {
  return JSON.stringify(filter, (_name, value: unknown) => (value === undefined ? notGiven : value));
}

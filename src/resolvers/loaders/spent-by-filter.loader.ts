import DataLoader from 'dataloader';
import type { CustomerFilter } from '../../services/customers/customer-filter.types.js';
import type { Services } from '../services.js';

/** A filter that fails leaves the others be. */
export const createSpentByFilterLoader = ({ segments }: Services) =>
  new DataLoader<CustomerFilter, number, string>(
    (filters) =>
      Promise.all(filters.map((filter) => segments.spent(filter).catch((error: Error): number | Error => error))),
    { cacheKeyFn: (filter) => JSON.stringify(filter) },
  );

import DataLoader from 'dataloader';
import type { CustomerFilter } from '../../services/customers/customer-filter.types.js';
import type { SegmentWorth } from '../../services/customers/segments.service.js';
import type { Services } from '../services.js';

/** One statement a filter, however many of its numbers are asked for; a filter that fails leaves the others be. */
export const createWorthByFilterLoader = ({ segments }: Services) =>
  new DataLoader<CustomerFilter, SegmentWorth, string>(
    (filters) =>
      Promise.all(filters.map((filter) => segments.worth(filter).catch((error: Error): SegmentWorth | Error => error))),
    { cacheKeyFn: (filter) => JSON.stringify(filter) },
  );

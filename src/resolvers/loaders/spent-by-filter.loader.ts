import DataLoader from 'dataloader';
import type { CustomerFilter } from '../../services/customers/customer-filter.types.js';
import type { Services } from '../services.js';
import { fewAtATime } from './few-at-a-time.js';
import { filterKey } from './filter-key.js';

/** A filter that fails leaves the others be. */
export const createSpentByFilterLoader = ({ segments }: Services, hasLeft: () => boolean) =>
  new DataLoader<CustomerFilter, number, string>(
    (filters) => fewAtATime(filters, (filter) => segments.spent(filter), hasLeft),
    { cacheKeyFn: filterKey },
  );

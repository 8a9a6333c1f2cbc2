import DataLoader from 'dataloader';
import type { CustomerFilter } from '../../services/customers/customer-filter.types.js';
import type { SegmentWorth } from '../../services/customers/segments.service.js';
import type { Services } from '../services.js';
import { fewAtATime } from './few-at-a-time.js';
import { filterKey } from './filter-key.js';

/** One statement a filter, however many of its numbers are asked for; a filter that fails leaves the others be. */
export const createWorthByFilterLoader = ({ segments }: Services, hasLeft: () => boolean) =>
  new DataLoader<CustomerFilter, SegmentWorth, string>(
    (filters) => fewAtATime(filters, (filter) => segments.worth(filter), hasLeft),
    { cacheKeyFn: filterKey },
  );

import DataLoader from 'dataloader';
import type { ClvHistory, CustomerClv } from '../../services/predictions/customer-clv.js';
import type { ServedClv } from '../../services/predictions/predictions.service.js';
import type { Services } from '../services.js';

export const createHistoryByClvLoader = ({ clv }: Services) =>
  new DataLoader<CustomerClv, ClvHistory, ServedClv>((values) => clv.histories(values), {
    // Each field gets a copy of the value.
    cacheKeyFn: ({ served }) => served,
  });

import DataLoader from 'dataloader';
import type { CustomerClv } from '../../services/predictions/customer-clv.js';
import type { ClvRequest } from '../../services/predictions/predictions.service.js';
import type { Services } from '../services.js';

export const createClvByCustomerAndHorizonLoader = ({ clv }: Services) =>
  new DataLoader<ClvRequest, CustomerClv, string>((requests) => clv.clv(requests), {
    cacheKeyFn: ({ customerId, horizonDays }) => `${customerId}/${horizonDays}`,
  });

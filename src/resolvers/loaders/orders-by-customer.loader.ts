import DataLoader from 'dataloader';
import type { HistoricOrder, HistoryRequest } from '../../services/customers/customer-history.service.js';
import type { Page } from '../../services/paging.js';
import type { Services } from '../services.js';
import { historyKey } from './history-key.js';

export const createOrdersByCustomerLoader = ({ customerHistory }: Services) =>
  new DataLoader<HistoryRequest, Page<HistoricOrder>, string>((requests) => customerHistory.orders(requests), {
    cacheKeyFn: historyKey,
  });

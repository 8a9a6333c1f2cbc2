import DataLoader from 'dataloader';
import type { HistoricEvent, HistoryRequest } from '../../services/customers/customer-history.service.js';
import type { Page } from '../../services/paging.js';
import type { Services } from '../services.js';
import { historyKey } from './history-key.js';

export const createEventsByCustomerLoader = ({ customerHistory }: Services) =>
  new DataLoader<HistoryRequest, Page<HistoricEvent>, string>((requests) => customerHistory.events(requests), {
    cacheKeyFn: historyKey,
  });

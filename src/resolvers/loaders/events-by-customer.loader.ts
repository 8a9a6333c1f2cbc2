import DataLoader from 'dataloader';
import type { EventsRequest, HistoricEvent } from '../../services/customers/customer-history.service.js';
import type { Page } from '../../services/paging.js';
import type { Services } from '../services.js';
import { historyKey } from './history-key.js';

export const createEventsByCustomerLoader = ({ customerHistory }: Services) =>
  new DataLoader<EventsRequest, Page<HistoricEvent>, string>((requests) => customerHistory.events(requests), {
    cacheKeyFn: (request) => `${historyKey(request)}/${request.long.join()}`,
  });

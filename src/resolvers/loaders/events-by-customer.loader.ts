import DataLoader from 'dataloader';
import pLimit from 'p-limit';
import type { EventsRequest, HistoricEvent } from '../../services/customers/customer-history.service.js';
import type { Page } from '../../services/paging.js';
import type { AnswerBudget } from '../../services/largest-answer.js';
import type { Services } from '../../services/create-services.js';
import { historyKey } from './history-key.js';

export const createEventsByCustomerLoader = ({ customerHistory }: Services, budget: AnswerBudget) => {
  // One batch at a time, so that each knows what earlier ones have left of the budget.
  const inTurn = pLimit(1);
  return new DataLoader<EventsRequest, Page<HistoricEvent>, string>(
    (requests) => {
      const read = () => customerHistory.events(requests, budget);
      return requests.some(({ long }) => long.length > 0) ? inTurn(read) : read();
    },
    { cacheKeyFn: (request) => `${historyKey(request)}/${request.long.join()}` },
  );
};

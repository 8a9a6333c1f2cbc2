import DataLoader from 'dataloader';
import pLimit from 'p-limit';
import type { HistoricOrderLine } from '../../services/customers/customer-history.service.js';
import type { AnswerBudget } from '../../services/largest-answer.js';
import type { Services } from '../../services/create-services.js';

export const createLinesByOrderLoader = ({ customerHistory }: Services, budget: AnswerBudget) => {
  // One batch at a time, so that each knows what earlier ones have left of the budget: every aliased list is a batch of its own.
  const inTurn = pLimit(1);
  return new DataLoader<string, HistoricOrderLine[]>(
    (orderIds) => inTurn(() => customerHistory.lines(orderIds, budget)),
    // Not cached: an order that is asked for twice is in the answer twice, and counts twice.
    { cache: false },
  );
};

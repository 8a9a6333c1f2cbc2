import DataLoader from 'dataloader';
import pLimit from 'p-limit';
import type { HistoricOrderLine } from '../../services/customers/customer-history.service.js';
import type { AnswerBudget } from '../../services/largest-answer.js';
import type { Services } from '../services.js';

export const createLinesByOrderLoader = ({ customerHistory }: Services, budget: AnswerBudget) => {
  // Lists under several aliases are read in as many batches: each is to know what those before it have left.
  const inTurn = pLimit(1);
  return new DataLoader<string, HistoricOrderLine[]>(
    (orderIds) => inTurn(() => customerHistory.lines(orderIds, budget)),
    // An order that is asked for again is in the answer again, and counts.
    { cache: false },
  );
};

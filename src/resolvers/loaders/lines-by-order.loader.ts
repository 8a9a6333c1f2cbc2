import DataLoader from 'dataloader';
import pLimit from 'p-limit';
import {
  type HistoricOrderLine,
  type LineBudget,
  mostLines,
} from '../../services/customers/customer-history.service.js';
import type { Services } from '../services.js';

export const createLinesByOrderLoader = ({ customerHistory }: Services) => {
  const budget: LineBudget = { left: mostLines };
  // Lists under several aliases are read in as many batches: each is to know what those before it have left.
  const inTurn = pLimit(1);
  return new DataLoader<string, HistoricOrderLine[]>(async (orderIds) => {
    const lines = new Map(orderIds.map((id): [string, HistoricOrderLine[]] => [id, []]));
    const read = await inTurn(() => customerHistory.lines(orderIds, budget));
    for (const line of read) lines.get(line.orderId)!.push(line);
    return orderIds.map((id) => lines.get(id)!);
  });
};

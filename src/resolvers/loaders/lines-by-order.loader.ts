import DataLoader from 'dataloader';
import type { HistoricOrderLine } from '../../services/customers/customer-history.service.js';
import type { Services } from '../services.js';

export const createLinesByOrderLoader = ({ customerHistory }: Services) =>
  new DataLoader<string, HistoricOrderLine[]>(async (orderIds) => {
    const lines = new Map(orderIds.map((id): [string, HistoricOrderLine[]] => [id, []]));
    for (const line of await customerHistory.lines(orderIds)) lines.get(line.orderId)!.push(line);
    return orderIds.map((id) => lines.get(id)!);
  });

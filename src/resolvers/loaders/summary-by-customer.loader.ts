import DataLoader from 'dataloader';
import type { CustomerSummary } from '../../entities/index.js';
import type { Services } from '../services.js';

/** Every customer has one. */
export const createSummaryByCustomerLoader = ({ customers }: Services) =>
  new DataLoader<string, CustomerSummary>(async (customerIds) => {
    const found = new Map((await customers.findSummaries(customerIds)).map((row) => [row.customerId, row]));
    return customerIds.map((id) => found.get(id) ?? new Error(`Customer ${id} was deleted meanwhile.`));
  });

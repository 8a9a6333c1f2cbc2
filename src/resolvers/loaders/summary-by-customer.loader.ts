import DataLoader from 'dataloader';
import type { CustomerSummary } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { globalId } from '../../schema/global-id.js';
import type { Services } from '../../services/create-services.js';

const erased = (id: string): ClvError =>
  new ClvError('NOT_FOUND', `Customer ${globalId('Customer', id)} was erased meanwhile. Ask again.`);

/** Summaries of customers; every customer has one. */
export const createSummaryByCustomerLoader = ({ customers }: Services) =>
  new DataLoader<string, CustomerSummary>(async (customerIds) => {
    const found = new Map((await customers.findSummaries(customerIds)).map((row) => [row.customerId, row]));
    return customerIds.map((id) => found.get(id) ?? erased(id));
  });

import DataLoader from 'dataloader';
import type { CustomerClvChange } from '../../services/customers/clv-changes.js';
import type { Services } from '../services.js';

export const createClvChangeByCustomerLoader = ({ customers }: Services) =>
  new DataLoader<string, CustomerClvChange | null>(async (customerIds) => {
    const found = await customers.findClvChanges(customerIds);
    return customerIds.map((id) => found.get(id) ?? null);
  });

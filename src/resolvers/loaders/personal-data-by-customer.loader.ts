import DataLoader from 'dataloader';
import type { CustomerPersonalData } from '../../entities/index.js';
import type { Services } from '../services.js';

export const createPersonalDataByCustomerLoader = ({ customers }: Services) =>
  new DataLoader<string, CustomerPersonalData | null>(async (customerIds) => {
    const found = new Map((await customers.findPersonalData(customerIds)).map((data) => [data.customerId, data]));
    return customerIds.map((id) => found.get(id) ?? null);
  });

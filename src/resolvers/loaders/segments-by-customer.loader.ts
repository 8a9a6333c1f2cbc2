import DataLoader from 'dataloader';
import type { Segment } from '../../entities/index.js';
import type { Services } from '../services.js';

export const createSegmentsByCustomerLoader = ({ segments }: Services) =>
  new DataLoader<string, Segment[]>(async (customerIds) => {
    const found = await segments.ofCustomers(customerIds);
    return customerIds.map((id) => found.get(id) ?? []);
  });

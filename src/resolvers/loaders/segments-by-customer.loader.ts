import DataLoader from 'dataloader';
import type { Segment } from '../../entities/index.js';
import { MicroBatcher } from '../../services/micro-batcher.js';
import type { Services } from '../services.js';

/** All segments are read, and asked of, for whatever customers: while that is done for two pages, further ones gather. */
const gathering = { waitMs: 0, maxSize: 1, concurrency: 2 };

export const createSegmentsByCustomerLoader = ({ segments }: Services) => {
  const batches = new MicroBatcher<string, Segment[]>(async (customerIds) => {
    const found = await segments.ofCustomers(customerIds);
    return customerIds.map((id) => found.get(id) ?? []);
  }, gathering);
  return new DataLoader<string, Segment[]>((customerIds) => batches.load(customerIds));
};

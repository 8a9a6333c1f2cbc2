import DataLoader from 'dataloader';
import type { Segment } from '../../entities/index.js';
import { MicroBatcher } from '../../services/micro-batcher.js';
import type { Services } from '../../services/create-services.js';

/** Each batch reads and evaluates all segments. While two batches are read, further customers are gathered. */
const gathering = { waitMs: 0, maxSize: 1, concurrency: 2 };

export const createSegmentsByCustomerLoader = ({ segments }: Services) => {
  const batches = new MicroBatcher<string, Segment[]>(async (customerIds) => {
    const found = await segments.ofCustomers(customerIds);
    return customerIds.map((id) => found.get(id) ?? []);
  }, gathering);
  return new DataLoader<string, Segment[]>((customerIds) => batches.load(customerIds));
};

import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import type { CustomerListService } from '../../../src/services/customers/customer-list.service.js';
import { SegmentsService } from '../../../src/services/customers/segments.service.js';

it.each([
  [
    { count: 0, totalPredicted: 0 },
    { count: 0, totalPredicted: 0, meanPredicted: 0 },
  ],
  [
    { count: 3, totalPredicted: 10 },
    { count: 3, totalPredicted: 10, meanPredicted: 3.33 },
  ],
  [
    { count: 3, totalPredicted: null },
    { count: 3, totalPredicted: null, meanPredicted: null },
  ],
])('the customers of a segment, %j, are worth %j', async (found, worth) => {
  const lists = { aggregate: () => Promise.resolve(found) } as unknown as CustomerListService;
  expect(await new SegmentsService({} as DataSource, lists).worth({})).toEqual(worth);
});

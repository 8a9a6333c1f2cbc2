import { expect, it } from 'vitest';
import { drawCustomers, drawForPrior, prepareSampling } from '../../../src/ml/features/customer-sampling.js';
import { useTestDatabase } from '../../support/database.js';

const database = useTestDatabase();
const asOf = new Date('2025-01-01T00:00:00Z');

it('the sample that a prior is fitted on has as many of the held out as there are', async () => {
  const { dataSource } = database;
  await dataSource.query(
    `with who as (insert into customer (external_id) select n from generate_series(1, 2000) n returning id)
     insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
     select id, '2024-06-01', 5, 5, 0, 1, 1, 1 from who`,
  );
  await dataSource.transaction(async (manager) => {
    await prepareSampling(manager, asOf);
    const heldOut = new Set(await drawCustomers(manager, { asOf, split: 'VALIDATION', share: 1, salt: '' }));
    const drawn = await drawForPrior(manager, asOf, 400);
    expect(Math.abs(drawn.length - 400)).toBeLessThan(60);
    const share = drawn.filter((id) => heldOut.has(id)).length / drawn.length;
    expect(share).toBeGreaterThan(0.09);
    expect(share).toBeLessThan(0.21);
  });
});

import { expect, it } from 'vitest';
import { computeSpendHistory } from '../../../src/ml/features/spend-history.js';
import { useTestDatabase } from '../../support/database.js';

const database = useTestDatabase();
const asOf = new Date('2025-01-01T00:00:00Z');

/** So many customers buy for 100, and bring back a quarter of it. */
async function historyOf(customers: number) {
  const { dataSource } = database;
  await dataSource.query('truncate customer cascade');
  await dataSource.query(
    `with who as (insert into customer (external_id) select n from generate_series(1, $1::integer) n returning id)
     insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
     select id, day, net, greatest(net, 0), greatest(-net, 0), 1, 1, 1
     from who, (values ('2024-12-02'::date, 100), ('2024-12-20', -25)) days (day, net)`,
    [customers],
  );
  return computeSpendHistory(dataSource, asOf);
}

it('of what is left after returns few customers tell less than many', async () => {
  const [few, many] = [await historyOf(2), await historyOf(1_000)];
  expect(few).toMatchObject({ largestSpend: 100, observedDays: 30 });
  expect(few.afterReturns).toBeLessThan(0);
  expect(few.afterReturns).toBeGreaterThan(0.7 * Math.log(0.75));
  expect(many.afterReturns).toBeCloseTo(Math.log(0.75), 2);
});

import { expect, it } from 'vitest';
import { refreshSummaries } from '../../../src/ml/features/customer-summary.js';
import { findHistories } from '../../../src/services/customers/purchase-histories.js';
import { useTestDatabase } from '../../support/database.js';
import { TestShop } from '../../support/shop.js';

const database = useTestDatabase();

it('counts the days before the date on which something was bought, and what came back as spend', async () => {
  const { dataSource } = database;
  const shop = new TestShop(database);
  const ids = await Promise.all(['regular', 'exchanged', 'lead'].map((name) => shop.customer(name)));
  const [regular, exchanged, lead] = ids as [string, string, string];
  await dataSource.query(
    `insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
     select customer_id, day::date, net, greatest(net, 0), greatest(-net, 0), 1, 1, 1
     from (values ($1::bigint, '2024-12-30', 0), ($1, '2025-01-01', 10), ($1, '2025-01-05', 0), ($1, '2025-01-11', 20), ($1, '2025-01-15', -5),
       ($1, '2025-01-31', 60), ($1, '2025-02-01', 100), ($2::bigint, '2025-01-05', 0)) days (customer_id, day, net)`,
    [regular, exchanged],
  );
  await shop.order({ customer: lead, at: '2025-02-01T00:00Z', total: 0 });
  const histories = await findHistories(dataSource, ids, new Date('2025-02-01T00:00:00Z'));
  expect(histories.get(regular)).toMatchObject({
    ordered: true,
    spend: 85,
    meanOccasionValue: 30,
    purchaseDays: 3,
    firstDay: new Date('2025-01-01T00:00:00Z'),
    lastDay: new Date('2025-01-31T00:00:00Z'),
    gapMeanDays: 15,
    gapStdDays: expect.closeTo(Math.sqrt(50), 9),
  });
  expect(histories.get(exchanged)).toMatchObject({ ordered: true, spend: 0, purchaseDays: 0, lastDay: null });
  expect(histories.get(lead)).toMatchObject({ ordered: false, spend: 0, purchaseDays: 0, lastDay: null });
});

it('has the mean of purchases that filters go by, also where one rounds it to another cent', async () => {
  const { dataSource } = database;
  const id = await new TestShop(database).customer('daily');
  // Their mean is 10.004950495..., which four decimals make 10.0050: in cents 10.01.
  await dataSource.query(
    `insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
     select $1, '2024-01-01'::date + n, 10 + 0.01 * (n % 2), 10, 0, 1, 1, 1 from generate_series(0, 100) n`,
    [id],
  );
  await refreshSummaries(dataSource, [id]);
  const [summary] = await dataSource.query<{ mean: string }[]>(
    'select mean_occasion_value as mean from customer_summary where customer_id = $1',
    [id],
  );
  expect(summary).toEqual({ mean: '10.0050' });
  const histories = await findHistories(dataSource, [id], new Date('2025-02-01T00:00:00Z'));
  expect(histories.get(id)!.meanOccasionValue).toBe(10.005);
});

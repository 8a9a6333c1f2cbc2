import { expect, it } from 'vitest';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { readSnapshot } from '../../../src/services/preprocessing/snapshots.service.js';
import { createTestDatabase } from '../../support/database.js';

/**
 * Customers who came along 1,600 days; one in three buys every 20 to 79 days from then on, the others came once. Orders of the last
 * `days` days are imported.
 */
const shopOf = (days: number) => `
  with customers as (
    select format('customer-%s', i) as name, 1 + (i * 37) % 1600 as age, 20 + i % 60 as gap, i % 3 = 0 as returns
    from generate_series(1, 3000) i
  ), orders as (
    select name, day, age - day as ago
    from customers, generate_series(0, case when returns then age - 1 else 0 end, gap) day
    where age - day <= ${days}
  ), made as (
    insert into customer (external_id) select distinct name from orders returning id, external_id
  )
  insert into customer_order (external_id, customer_id, placed_at, currency, total)
  select format('%s/%s', name, day), id, timestamptz '2023-06-20Z' - make_interval(days => ago), 'EUR', 20
  from orders join made on external_id = name`;

const preprocess = async (days: number) => {
  await using database = await createTestDatabase();
  await database.dataSource.query(shopOf(days));
  const { snapshotId, report } = await runPreprocessing(database.dataSource, { asOf: '2023-06-20', horizonDays: 180 });
  return { ...(await readSnapshot(database.dataSource, snapshotId)), report };
};

it('knows that customers had bought before the first order, as of its date and in windows before it', async () => {
  const { prior, windows, report } = await preprocess(400);
  expect(prior.earlier?.since).toBe(Math.floor(Date.parse('2023-06-20Z') / 86_400_000) - 400);
  expect(report.earlierCustomers?.historyBegins).toBe('2022-05-16');
  expect(report.earlierCustomers?.yearsBefore).toBeGreaterThanOrEqual(0.5);
  expect(windows.length).toBeGreaterThan(1);
  for (const window of windows) expect(window.prior.earlier).toEqual(prior.earlier);
}, 120_000);

it('knows of none where the first order is the first customer’s', async () => {
  const { prior, report } = await preprocess(1600);
  expect(prior).not.toHaveProperty('earlier');
  expect(report).not.toHaveProperty('earlierCustomers');
}, 120_000);

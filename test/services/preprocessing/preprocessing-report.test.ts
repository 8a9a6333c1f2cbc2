import { expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { shopClockReport } from '../../../src/services/preprocessing/preprocessing-report.js';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { TestShop } from '../../support/shop.js';
import { createTestDatabase } from '../../support/database.js';
import { writeShop } from './preprocessing-shop.js';

it('counts what cleaning found before the as-of date', async () => {
  await using database = await createTestDatabase();
  const { dataSource } = database;
  await writeShop(dataSource);
  const shop = new TestShop({ dataSource });
  await shop.product('mug', 'Mug');
  await shop.product('bell', 'Bell');
  await shop.product('POST', 'Postage', null, false);
  const customer = await shop.customer('lines');
  const lines = (...list: [string, number, number][]) =>
    list.map(([product, quantity, price]) => ({ product, quantity, price }));
  await shop.order({
    customer,
    at: '2023-02-01',
    lines: lines(
      ['mug', 2, 5],
      ['mug', 2, 5],
      ['mug', 2, 5],
      ['POST', 1, 9],
      ['bell', 1, 0],
      ['bell', 1, -3],
      ['bell', 0, 3],
    ),
  });
  // A cancellation of the mugs, one of bells that were never bought, and one that comes before its purchase.
  await shop.order({ customer, at: '2023-02-03', lines: lines(['mug', -2, 5], ['bell', -4, 3], ['mug', -7, 5]) });
  await shop.order({ customer, at: '2023-02-05', lines: lines(['mug', 7, 5]) });
  await shop.order({ customer: null, at: '2023-02-05', lines: lines(['mug', 1, 5], ['bell', 1, 3]) });
  await shop.order({ customer: await shop.customer('only postage'), at: '2023-02-05', lines: lines(['POST', 1, 9]) });
  await shop.order({ customer: await shop.customer('only returns'), at: '2023-02-05', total: -5 });
  await shop.order({ customer: await shop.customer('future'), at: '2023-12-01T00:00Z', lines: lines(['mug', 1, 5]) });
  await shop.customer('silent');
  const again = { customer, at: '2023-02-09T10:00Z', total: 4, items: 1 };
  for (let i = 0; i < 3; i++) await shop.order(again);
  await shop.order({ ...again, items: 2 });
  await shop.order({ ...again, total: 0 });

  const [{ orders }] = await dataSource.query(
    `select count(*)::int as orders from customer_order where placed_at < '2023-12-01Z'`,
  );
  const { report } = await runPreprocessing(dataSource, { asOf: '2023-12-01', horizonDays: 90 });
  expect(report.cleaning).toMatchObject({
    customers: 305,
    orders,
    lines: 14,
    events: 1,
    ordersWithoutCustomer: 1,
    zeroTotalOrders: 1,
    repeatedOrders: 2,
    linesWithoutCustomer: 2,
    duplicateLines: 2,
    nonMerchandiseLines: 2,
    zeroPriceLines: 1,
    negativePriceLines: 1,
    zeroQuantityLines: 1,
    linesUsed: 5,
    returnLines: 3,
    matchedReturnLines: 1,
  });
  const dropped = Object.fromEntries(report.customers.dropped.map(({ reason, count }) => [reason, count]));
  expect(dropped['NOTHING_LEFT_AFTER_CLEANING']).toBe(1);
  expect(dropped['NO_ORDERS']).toBe(2);
  expect(dropped['ONLY_RETURNS']).toBeGreaterThanOrEqual(1);
  expect(report.customers.kept + report.customers.dropped.reduce((sum, { count }) => sum + count, 0)).toBe(305);
  const trend = report.features.find(({ name }) => name === 'spend_trend')!;
  expect(trend.imputed).toBeGreaterThan(0);
  expect(report.features.find(({ name }) => name === 'total_spend')!.outliers).toBeGreaterThan(0);
  expect(report.labels.meanPositive).toBeGreaterThan(0);
});

it('names the first and the last day of closures and of a surge', () => {
  const day = (date: string): number => Date.parse(date) / dayMs;
  const closures = [{ from: day('2020-03-01'), to: day('2020-04-01') }];
  const surge = { from: day('2020-07-20'), to: day('2020-10-30'), times: 3 };
  expect(shopClockReport({ season: null, pace: null, closures, surge })).toEqual({
    closures: [{ from: '2020-03-01', to: '2020-03-31' }],
    surge: { from: '2020-07-20', to: '2020-10-29', times: 3 },
  });
});

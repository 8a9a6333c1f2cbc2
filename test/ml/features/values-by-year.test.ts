import type { EntityManager } from 'typeorm';
import { expect, it } from 'vitest';
import { refreshPurchaseDays } from '../../../src/ml/features/purchase-days.js';
import { computeRepeatPurchases } from '../../../src/ml/features/repeat-purchases.js';
import { computeValuesByYear } from '../../../src/ml/features/values-by-year.js';
import { createTestDatabase } from '../../support/database.js';
import { TestShop } from '../../support/shop.js';

it('order values of the same customers in different years are read by year', async () => {
  await using database = await createTestDatabase();
  const { dataSource } = database;
  const shop = new TestShop({ dataSource });
  const buy = async (name: string, orders: readonly (readonly [string, number])[]) => {
    const customer = await shop.customer(name);
    for (const [at, total] of orders) await shop.order({ customer, at, total });
    return customer;
  };
  const faithful = await buy('faithful', [
    ['2020-01-05', 900], // The first purchase says what customers begin with.
    ['2020-08-01', 10],
    ['2021-06-29', 10],
    ['2021-07-01', 20],
    ['2022-03-01', 40],
    ['2022-06-01', 1], // Below a tenth of the mean of the others: something else.
    ['2022-06-02', -5],
    ['2022-07-01', 40], // The as-of day itself is not known yet.
  ]);
  const ofOneYear = await buy('of one year', [
    ['2021-08-01', 5],
    ['2021-09-01', 6],
    ['2021-10-01', 7],
  ]);
  const before = await buy('before', [
    ['2019-01-01', 5],
    ['2019-02-01', 6],
    ['2020-03-01', 6],
  ]);
  await refreshPurchaseDays(dataSource, 'all');
  const read = (years: number, customerIds = [faithful, ofOneYear, before]) =>
    computeValuesByYear(dataSource, { asOf: new Date('2022-07-01'), customerIds, years });
  const [newer, older] = [
    { customerId: faithful, year: 0, count: 2, daysAgo: 365 + 122 },
    { customerId: faithful, year: 1, count: 2, daysAgo: 367 + 699 },
  ];
  expect(await read(2)).toMatchObject([newer, older]);
  // Two purchases of 'before', too.
  expect(await read(4)).toHaveLength(4);
  expect(await read(4, [faithful])).toMatchObject([newer, older]);
});

it('and what is spent more in a month of every year is no change from year to year', async () => {
  await using database = await createTestDatabase();
  const { dataSource } = database;
  const shop = new TestShop({ dataSource });
  const customerIds: string[] = [];
  for (let i = 0; i < 60; i++) {
    const customer = await shop.customer(`c${i}`);
    customerIds.push(customer);
    // Every third customer comes before Christmas and leaves after the summer: 20, then 10.
    const own = i % 3 === 0 ? ['2020-12-05', '2021-06-05'] : ['2020-06-05', '2020-12-05', '2021-06-05', '2021-12-05'];
    await shop.order({ customer, at: '2020-02-01', total: 7 });
    for (const at of own) await shop.order({ customer, at, total: at.includes('-12-') ? 20 : 10 });
  }
  await refreshPurchaseDays(dataSource, 'all');
  const rows = await computeValuesByYear(dataSource, { asOf: new Date('2022-03-01'), customerIds, years: 2 });
  const [newer, older] = rows.filter(({ customerId }) => customerId === customerIds[0]);
  expect([newer!.year, older!.year]).toEqual([0, 1]);
  expect(Math.abs(newer!.log - older!.log)).toBeLessThan(0.1);
  expect(newer!.square).toBeCloseTo(newer!.log ** 2, 9);
});

it('and neither these nor repeat purchases depend on the order of rows in the table, or on the plan', async () => {
  await using database = await createTestDatabase();
  const { dataSource } = database;
  const shop = new TestShop({ dataSource });
  const customerIds = await Promise.all(Array.from({ length: 60 }, (_, i) => shop.customer(`c${i}`)));
  await dataSource.query(
    `insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
     select id, date '2019-01-01' + ((nth * 97 + place * 11) % 1200)::integer, price, price, 0, 1, 1, 1
     from unnest($1::bigint[]) with ordinality as customers (id, place), generate_series(1, 12) nth,
       lateral (select (5 + (place * 31 + nth * 17) % 23)::numeric as price) prices`,
    [customerIds],
  );
  await dataSource.query(
    'update customer_summary s set first_day = (select min(day) from purchase_day p where p.customer_id = s.customer_id)',
  );
  await dataSource.query('analyze purchase_day');
  const question = { asOf: new Date('2022-07-01'), customerIds, years: 3 };
  const read = async (manager: EntityManager) => ({
    values: await computeValuesByYear(manager, question),
    repeats: await computeRepeatPurchases(manager, question),
  });
  const usual = await dataSource.transaction(read);
  expect(usual.values.length).toBeGreaterThan(100);
  await dataSource.query('create table kept as select * from purchase_day');
  await dataSource.query('delete from purchase_day');
  await dataSource.query('insert into purchase_day select * from kept order by day desc, customer_id % 7');
  const otherwise = await dataSource.transaction(async (manager) => {
    for (const way of ['indexscan', 'indexonlyscan', 'bitmapscan', 'hashagg']) {
      await manager.query(`set local enable_${way} = off`);
    }
    return read(manager);
  });
  expect(otherwise).toEqual(usual);
});

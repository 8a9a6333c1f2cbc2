import { expect, it } from 'vitest';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { readSnapshot } from '../../../src/services/preprocessing/snapshots.service.js';
import { createTestDatabase } from '../../support/database.js';

/** Customers who came along a year and buy on one day of forty, in November and December on three, until they leave. */
const shop = `
  with made as (
    insert into customer (external_id) select format('customer-%s', i) from generate_series(1, 2500) i
    returning id, external_id
  ), days as (
    select id, external_id, timestamptz '2023-06-20Z' - make_interval(days => age - day) as placed_at, day
    from (select *, (365 * random())::int + 1 as age, (-300 * ln(random()))::int as stays from made) customer,
      generate_series(0, least(age - 1, stays)) day
  )
  insert into customer_order (external_id, customer_id, placed_at, currency, total)
  select format('%s/%s', external_id, day), id, placed_at, 'EUR', 20 from days
  where day = 0 or random() < case when extract(month from placed_at) > 10 then 0.075 else 0.025 end`;

it('tells the season of a shop’s first year, by which all windows count time', async () => {
  await using database = await createTestDatabase();
  await database.dataSource.transaction(async (manager) => {
    await manager.query('select setseed(0.5)');
    await manager.query(shop);
  });
  const { snapshotId, report } = await runPreprocessing(database.dataSource, { asOf: '2023-06-20', horizonDays: 180 });
  expect(report).not.toHaveProperty('paceRise');
  expect(report).not.toHaveProperty('idsChanged');
  for (const month of [10, 11]) expect(report.season![month]).toBeGreaterThan(1.8);
  for (const month of [1, 3, 8]) expect(report.season![month]).toBeLessThan(1);
  const { prior, windows } = await readSnapshot(database.dataSource, snapshotId);
  expect(windows.length).toBeGreaterThan(1);
  for (const window of windows) expect(window.prior.season).toEqual(prior.season);
}, 120_000);

it('tells days that nobody bought on, which pass for no window', async () => {
  await using database = await createTestDatabase();
  await database.dataSource.transaction(async (manager) => {
    await manager.query('select setseed(0.5)');
    await manager.query(shop);
    await manager.query(`delete from customer_order where placed_at >= '2022-12-01Z' and placed_at < '2023-01-10Z'`);
  });
  const { snapshotId, report } = await runPreprocessing(database.dataSource, { asOf: '2023-06-20', horizonDays: 180 });
  expect(report.closures).toEqual([{ from: '2022-12-01', to: '2023-01-09' }]);
  const { prior, windows } = await readSnapshot(database.dataSource, snapshotId);
  expect(prior.closures).toHaveLength(1);
  expect(windows.length).toBeGreaterThan(1);
  for (const window of windows) expect(window.prior.closures).toEqual(prior.closures);
}, 120_000);

it('tells that customers have bought under other ids since a day', async () => {
  await using database = await createTestDatabase();
  await database.dataSource.transaction(async (manager) => {
    await manager.query('select setseed(0.5)');
    await manager.query(shop);
    await manager.query(`insert into customer (external_id) select 'new-' || external_id from customer`);
    await manager.query(
      `update customer_order o set customer_id = renamed.id
       from customer c join customer renamed on renamed.external_id = 'new-' || c.external_id
       where o.customer_id = c.id and o.placed_at >= '2023-01-10Z'`,
    );
  });
  const { report } = await runPreprocessing(database.dataSource, { asOf: '2023-06-20', horizonDays: 60 });
  expect(report.idsChanged).toBe('2023-01-10');
}, 120_000);

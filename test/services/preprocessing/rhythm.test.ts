import { expect, it } from 'vitest';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { readSnapshot } from '../../../src/services/preprocessing/snapshots.service.js';
import { createTestDatabase } from '../../support/database.js';

/** Customers who came along two years up to June 2024: `regular` ones buy every 28 days, give or take two, the others at gaps that vary much. */
const shopOf = (regular: number, others: number) => `
  with made as (
    insert into customer (external_id) select format('customer-%s', i) from generate_series(1, ${regular + others}) i
    returning id, substr(external_id, 10)::int as i
  ), due as (
    select id, i, 28 * n + (i * 7 + n * 3) % 5 - 2 as day from made, generate_series(0, 25) n where i <= ${regular} and n >= i % 18
    union all
    select id, i, 1 + i % 500 + (3.3 * n ^ 2)::int + (i * 31 + n * 17) % 9 from made, generate_series(0, 12) n where i > ${regular}
  )
  insert into customer_order (external_id, customer_id, placed_at, currency, total)
  select format('%s/%s', i, day), id, timestamptz '2022-06-01Z' + make_interval(days => day), 'EUR', 20
  from due where day between 0 and 729`;

/** Donors who came along four of eight years up to 2024, and give each year on about the same day, with gifts missed, until some leave. */
const donors = `
  with made as (
    insert into customer (external_id) select format('customer-%s', i) from generate_series(1, 400) i
    returning id, substr(external_id, 10)::int as i
  )
  insert into customer_order (external_id, customer_id, placed_at, currency, total)
  select format('%s/%s', i, year), id, make_timestamptz(year, 1 + i % 11, 3 + (i * 7 + year * 5) % 20, 12, 0, 0, 'UTC'), 'EUR', 20
  from made, generate_series(2016 + i % 4, least(2023, 2018 + i % 9)) year where (i * 13 + year * 7) % 10 > 0`;

async function preprocessed(shop: string, asOf = '2024-06-01', horizonDays = 180) {
  await using database = await createTestDatabase();
  const { dataSource } = database;
  await dataSource.query(shop);
  const { snapshotId, report } = await runPreprocessing(dataSource, { asOf, horizonDays });
  const { prior, windows } = await readSnapshot(dataSource, snapshotId);
  return { report, priors: [prior, ...windows.map((window) => window.prior)] };
}

it('learns the rhythm of a shop a good part of whose customers buy regularly, as of each window', async () => {
  const { report, priors } = await preprocessed(shopOf(150, 300));
  expect(report.regularShare).toBeGreaterThan(0.2);
  expect(report.regularShare).toBeLessThan(0.5);
  for (const { rhythm } of priors) expect(rhythm).toHaveLength(8);
  expect(new Set(priors.map(({ rhythm }) => JSON.stringify(rhythm))).size).toBeGreaterThan(1);
}, 120_000);

it('learns none where hardly any does', async () => {
  const { report, priors } = await preprocessed(shopOf(10, 400));
  expect(report).not.toHaveProperty('regularShare');
  for (const prior of priors) expect(prior).not.toHaveProperty('rhythm');
}, 120_000);

it('learns none where customers buy by years, which the yearly model tells', async () => {
  const { report, priors } = await preprocessed(donors, '2024-01-01', 365);
  expect(priors[0]).toHaveProperty('yearly');
  expect(report).not.toHaveProperty('regularShare');
  for (const prior of priors) expect(prior).not.toHaveProperty('rhythm');
}, 120_000);

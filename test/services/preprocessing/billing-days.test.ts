import { expect, it } from 'vitest';
import { buildModelInput, numericTokenNames } from '../../../src/ml/features/model-input.js';
import { computeFeatures } from '../../../src/ml/features/compute-features.js';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { readSnapshot } from '../../../src/services/preprocessing/snapshots.service.js';
import { createTestDatabase } from '../../support/database.js';

/**
 * Customers who came along two years up to June 2024. Members pay by months, on the 5th or on the last day, until the 5th or the last of
 * May, or stop; `buyers` buy on any day.
 */
const shopOf = (members: number, buyers: number) => `
  with made as (
    insert into customer (external_id) select format('customer-%s', i) from generate_series(1, ${members + buyers}) i
    returning id, substr(external_id, 10)::int as i
  ), due as (
    select id, i, month + case when i % 2 = 0 then interval '4 days' else interval '1 month -1 day' end as at
    from made, generate_series(timestamptz '2022-06-01Z', '2024-05-01Z', '1 month') month
    where i <= ${members} and month >= timestamptz '2022-06-01Z' + make_interval(months => i % 20)
      and (i % 3 > 0 or month < timestamptz '2022-06-01Z' + make_interval(months => i % 20 + 1 + i % 7))
    union all
    select id, i, timestamptz '2022-06-01Z' + make_interval(days => day)
    from made, generate_series(i % 600, 729, 11 + i % 70) day where i > ${members}
  )
  insert into customer_order (external_id, customer_id, placed_at, currency, total)
  select format('%s/%s', i, at), id, at, 'EUR', 20 from due`;

const daily = ['days_since_last', 'recency_over_gap', 'spend_30', 'spend_90', 'occasions_30', 'occasions_90'];

it('counts the months missed where customers are billed by months, and no days', async () => {
  await using database = await createTestDatabase();
  const { dataSource } = database;
  await dataSource.query(shopOf(400, 60));
  const { snapshotId, report } = await runPreprocessing(dataSource, { asOf: '2024-06-05', horizonDays: 180 });
  expect(report.billingDays).toEqual([5, 31]);
  const { scaler, prior, windows } = await readSnapshot(dataSource, snapshotId);
  for (const window of windows) expect(new Date(window.asOf).getUTCDate()).toBe(5);
  const names = numericTokenNames(scaler);
  expect(names).toContain('months_missed');
  expect(names).toContain('spend_180');
  for (const name of daily) expect(names).not.toContain(name);
  // As of the 5th, the payment of that day is not missed yet; as of the 6th it is.
  const missedOf = async (customer: string, asOf: string) => {
    const [{ id } = { id: '' }] = await dataSource.query<{ id: string }[]>(
      'select id from customer where external_id = $1',
      [customer],
    );
    const [row] = await computeFeatures(dataSource, { asOf: new Date(asOf), customerIds: [id] });
    return buildModelInput({ row: row!, horizonDays: 180, scaler, prior }).numeric[names.indexOf('months_missed')];
  };
  expect(await missedOf('customer-2', '2024-06-05')).toBe(-1);
  expect(await missedOf('customer-2', '2024-06-06')).toBe(0);
  expect(await missedOf('customer-1', '2024-06-30')).toBe(-1);
  expect(await missedOf('customer-1', '2024-07-01')).toBe(0);
}, 120_000);

it('looks at no purchase from the as-of day on', async () => {
  await using database = await createTestDatabase();
  const { dataSource } = database;
  await dataSource.query(shopOf(0, 300));
  // Everybody pays on the 5th, but only from the as-of day on.
  await dataSource.query(`
    insert into customer_order (external_id, customer_id, placed_at, currency, total)
    select format('later %s/%s', id, month), id, month, 'EUR', 20
    from customer, generate_series(timestamptz '2024-06-05Z', '2026-06-05Z', '1 month') month`);
  const { snapshotId, report } = await runPreprocessing(dataSource, { asOf: '2024-06-05', horizonDays: 180 });
  expect(report).not.toHaveProperty('billingDays');
  const { scaler } = await readSnapshot(dataSource, snapshotId);
  expect(scaler).not.toHaveProperty('billedByMonth');
  expect(numericTokenNames(scaler)).toEqual(expect.arrayContaining(['days_since_last', 'spend_90', 'occasions_90']));
  expect(numericTokenNames(scaler)).not.toContain('months_missed');
}, 120_000);

it('takes the last days of long and short months for one', async () => {
  await using database = await createTestDatabase();
  const { dataSource } = database;
  await dataSource.query(`
    with made as (
      insert into customer (external_id) select format('customer-%s', i) from generate_series(1, 200) i
      returning id, substr(external_id, 10)::int as i
    )
    insert into customer_order (external_id, customer_id, placed_at, currency, total)
    select format('%s/%s', i, month), id, month + interval '1 month -1 day', 'EUR', 20
    from made, generate_series(timestamptz '2024-02-01Z', '2024-06-01Z', '1 month') month
    where month >= timestamptz '2024-02-01Z' + make_interval(months => i % 3)`);
  const { report } = await runPreprocessing(dataSource, { asOf: '2024-07-01', horizonDays: 60 });
  expect(report.billingDays).toEqual([31]);
}, 120_000);

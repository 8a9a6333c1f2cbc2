import { expect, it } from 'vitest';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { readSnapshot } from '../../../src/services/preprocessing/snapshots.service.js';
import { useTestDatabase } from '../../support/database.js';

const database = useTestDatabase();

/** Customers who came along 900 days and buy every 10 to 49 days; of 800 who joined in the last 90 days one in four does so. */
const boom = `
  with customers as (
    select format('regular-%s', i) as name, 1 + (i * 37) % 900 as age, 10 + i % 40 as gap, true as returns
    from generate_series(1, 800) i
    union all
    select format('joiner-%s', i), 1 + i % 90, 10 + i % 40, i % 4 = 0 from generate_series(1, 800) i
  ), made as (
    insert into customer (external_id) select name from customers returning id, external_id
  )
  insert into customer_order (external_id, customer_id, placed_at, currency, total)
  select format('%s/%s', name, day), id, timestamptz '2023-06-20Z' - make_interval(days => age - day), 'EUR', 20
  from customers join made on external_id = name,
    generate_series(0, case when returns then age - 1 else 0 end, gap) day`;

it('tells customers of a boom apart as of its date, and not in windows before it', async () => {
  await database.dataSource.query(boom);
  const { snapshotId, report } = await runPreprocessing(database.dataSource, { asOf: '2023-06-20', horizonDays: 180 });
  const { prior, windows } = await readSnapshot(database.dataSource, snapshotId);
  expect(prior.newcomers?.differ).toBe('SHARE');
  const { differ, cohorts } = report.newcomers!;
  expect(differ).toBe('SHARE');
  expect(cohorts.map(({ from }) => from).slice(-3)).toEqual(['2023-03-22', '2023-04-21', '2023-05-21']);
  const ratios = cohorts.map(({ ratio }) => ratio);
  for (const ratio of ratios.slice(-3)) expect(Math.abs(ratio - 0.4)).toBeLessThan(0.15);
  for (const ratio of ratios.slice(0, -3)) expect(Math.abs(ratio - 1)).toBeLessThan(0.25);
  const before = windows.filter(({ asOf }) => new Date(asOf) <= new Date('2023-03-22'));
  expect(before.length).toBeGreaterThan(1);
  for (const window of before) expect(window.prior).not.toHaveProperty('newcomers');
}, 120_000);

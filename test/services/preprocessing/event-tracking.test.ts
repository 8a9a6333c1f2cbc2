import { expect, it } from 'vitest';
import { featureDefinitions } from '../../../src/ml/features/feature-definitions.js';
import { buildModelInput, numericTokenNames } from '../../../src/ml/features/model-input.js';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { readSnapshot } from '../../../src/services/preprocessing/snapshots.service.js';
import { createTestDatabase } from '../../support/database.js';

/** Customers who came along 900 days, and buy and look at pages every 20 to 79 days; page views are recorded for the last `days`. */
const shopOf = (days: number) => `
  with made as (
    insert into customer (external_id) select format('customer-%s', i) from generate_series(1, 600) i
    returning id, substr(external_id, 10)::int as i
  ), visits as (
    select id, i, day, 1 + (i * 37) % 900 - day as ago
    from made, generate_series(0, (i * 37) % 900, 20 + i % 60) day
  ), bought as (
    insert into customer_order (external_id, customer_id, placed_at, currency, total)
    select format('%s/%s', i, day), id, timestamptz '2023-06-20Z' - make_interval(days => ago), 'EUR', 20 from visits
  )
  insert into behavior_event (external_id, customer_id, type, occurred_at)
  select format('%s/%s', i, day), id, 'BROWSE', timestamptz '2023-06-20 12:00Z' - make_interval(days => ago)
  from visits where ago <= ${days}`;

const preprocess = async (days: number) => {
  await using database = await createTestDatabase();
  const { dataSource } = database;
  await dataSource.query(`select ensure_behavior_event_partitions('2020-12-01Z', '2023-07-01Z')`);
  await dataSource.query(shopOf(days));
  const { snapshotId, report } = await runPreprocessing(dataSource, { asOf: '2023-06-20', horizonDays: 90 });
  return { ...(await readSnapshot(dataSource, snapshotId)), report };
};
const imputedOf = ({ report }: Awaited<ReturnType<typeof preprocess>>, feature: string) =>
  report.features.find(({ name }) => name === feature)?.imputed;

it('takes events as unknown, and not as none, as of dates before their recording', async () => {
  const snapshot = await preprocess(120);
  const { scaler, windows, report } = snapshot;
  expect(report.eventsSince).toEqual({ BROWSE: '2023-02-20' });
  expect(scaler.tracking).toHaveProperty('days_since_event');
  expect(imputedOf(snapshot, 'browse_90')).toBeGreaterThan(0);
  expect(numericTokenNames(scaler)).toEqual(expect.arrayContaining(['browse_90', 'browse_90_missing']));
  // Recorded for none and for all of the days that are looked back.
  const tokensAsOf = (asOf: string) => {
    const row = { customerId: '1', asOf: new Date(asOf), features: featureDefinitions.map(() => 0), narrative: [] };
    const { numeric } = buildModelInput({ row, horizonDays: 90, scaler, prior: snapshot.prior });
    return ['browse_90', 'browse_90_missing'].map((name) => numeric[numericTokenNames(scaler).indexOf(name)]);
  };
  const [before, unknown] = tokensAsOf(windows[0]!.asOf);
  const [none, known] = tokensAsOf('2023-06-20');
  expect([unknown, known]).toEqual([1, 0]);
  expect(before).toBeGreaterThan(none!);
}, 120_000);

it('takes them as they are where they have been recorded for as long as training looks back', async () => {
  const snapshot = await preprocess(900);
  expect(snapshot.scaler).not.toHaveProperty('tracking');
  expect(snapshot.report).not.toHaveProperty('eventsSince');
  expect(imputedOf(snapshot, 'browse_90')).toBe(0);
  expect(numericTokenNames(snapshot.scaler)).not.toContain('browse_90_missing');
}, 120_000);

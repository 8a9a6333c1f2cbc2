import { expect, it } from 'vitest';
import { exportedPeriod } from '../../../src/services/exporting/exported-period.js';
import { useTestDatabase } from '../../support/database.js';

const database = useTestDatabase();

it('is a scoring of all who had bought before its date, each of them ranked', async () => {
  const { dataSource } = database;
  await dataSource.query('insert into customer (id, external_id) select n, n from generate_series(1, 4) n');
  const [{ id: modelId }] = await dataSource.query<[{ id: string }]>(
    `insert into model_version (base, strategy, objective, state) values ('built-in', 'FULL', 'ZILN', 'RETIRED') returning id`,
  );
  const period = { modelId, asOf: new Date('2026-01-01T00:00:00Z'), horizonDays: 90 };
  const score = (customerId: number, percentile: number | null) =>
    dataSource.query(
      `insert into prediction (model_id, as_of, horizon_days, customer_id, percentile, basis, expected_value,
         purchase_probability, mu, sigma, expected_orders, facts_changed_at, feature_hash)
       values ($1, $2, $3, $4, $5, 'MODEL', 1, 0.5, 1, 1, 1, now(), '')`,
      [modelId, period.asOf, period.horizonDays, customerId, percentile],
    );
  const found = () => exportedPeriod(dataSource.manager, period).catch((error: { code: string }) => error.code);

  // Nobody has bought, so that nobody lacks a prediction.
  expect(await found()).toBe('MODEL_NOT_READY');
  await dataSource.query(
    `update customer_summary set first_day = days.day
     from (values (1, date '2025-06-01'), (2, date '2025-12-31'), (3, date '2026-01-01')) days (id, day) where customer_id = id`,
  );
  await score(1, 50);
  expect(await found()).toBe('MODEL_NOT_READY');
  await score(2, null);
  expect(await found()).toBe('MODEL_NOT_READY');
  await dataSource.query('update prediction set percentile = 10 where customer_id = 2');
  expect(await found()).toEqual(period);
});

import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import type { ModelVersion } from '../../../src/entities/index.js';
import { cents } from '../../../src/math.js';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { readSnapshot } from '../../../src/services/preprocessing/snapshots.service.js';
import { Random } from '../../../src/random.js';
import { predictPrior } from '../../../src/ml/features/prior/predict-prior.js';
import { whyUnusable } from '../../../src/services/models/serving-bundle.js';
import { usableServing } from '../../support/usable-serving.js';
import { createTestDatabase } from '../../support/database.js';

interface Order {
  readonly customer: string;
  /** Since 2021-01-01. */
  readonly day: number;
  readonly total: number;
}

/** A snapshot of these orders alone. */
async function preprocessed(dataSource: DataSource, orders: readonly Order[], asOf = '2023-01-01') {
  await dataSource.query(
    `with who as (
       insert into customer (external_id) select distinct unnest($1::text[]) returning id, external_id
     )
     insert into customer_order (external_id, customer_id, placed_at, currency, total)
     select number, id, timestamptz '2021-01-01' + day * interval '1 day', 'EUR', round(total::numeric, 2)
     from unnest($1::text[], $2::int[], $3::float8[]) with ordinality as t (customer, day, total, number)
     join who on external_id = customer`,
    [orders.map(({ customer }) => customer), orders.map(({ day }) => day), orders.map(({ total }) => total)],
  );
  const { snapshotId, report } = await runPreprocessing(dataSource, { asOf, horizonDays: 90 });
  const { prior, windows } = await readSnapshot(dataSource, snapshotId);
  expect(windows.length).toBeGreaterThan(3);
  return { report, priors: [prior, ...windows.map((window) => window.prior)] };
}

it('all windows expect log-normal order values where the shop’s are', async () => {
  await using database = await createTestDatabase();
  const random = new Random('log-normal orders');
  const orders = Array.from({ length: 400 }, (_, customer) => {
    const own = 50 * Math.exp(random.normal());
    return Array.from({ length: 1 + random.poisson(3) }, () => ({
      customer: `c${customer}`,
      day: random.integer(720),
      total: Math.max(0.01, own * Math.exp(0.8 * random.normal())),
    }));
  }).flat();
  const { priors, report } = await preprocessed(database.dataSource, orders);
  for (const prior of priors) {
    expect(prior.logNormal!.within).toBeGreaterThan(0.2);
    expect(prior.logNormal!.firstWeight).toBeLessThan(0.9);
  }
  expect(report).not.toHaveProperty('firstValueLimit');
});

it('all windows have the same limit where some first purchases are of another kind, and the report says it', async () => {
  await using database = await createTestDatabase();
  const random = new Random('gifts in memory');
  const orders = Array.from({ length: 800 }, (_, customer) => {
    const usual = 40 * Math.exp(0.9 * random.normal());
    const first = random.integer(600);
    const later = Array.from({ length: random.poisson(2) }, () => first + 1 + random.integer(719 - first));
    return [first, ...later].map((day, i) => {
      const times = i > 0 ? Math.exp(0.25 * random.normal()) : customer % 20 === 0 ? 8 : 1;
      return { customer: `c${customer}`, day, total: Math.max(0.01, times * usual) };
    });
  }).flat();
  const { priors, report } = await preprocessed(database.dataSource, orders);
  const [{ firstValueLimit }] = priors as [(typeof priors)[number]];
  expect(firstValueLimit).toBeGreaterThan(100);
  for (const prior of priors) expect(prior.firstValueLimit).toBe(firstValueLimit);
  expect(report.firstValueLimit).toBe(cents(firstValueLimit!));
});

it('all windows restate order values that have risen, and the report says by how much', async () => {
  await using database = await createTestDatabase();
  const random = new Random('prices');
  const orders = Array.from({ length: 600 }, (_, customer) => {
    const usual = 40 * Math.exp(0.5 * random.normal());
    const first = random.integer(500);
    const later = Array.from({ length: random.poisson(6) }, () => first + 1 + random.integer(729 - first));
    return [first, ...later].map((day) => ({
      customer: `c${customer}`,
      day,
      total: usual * 1.3 ** (day / 365) * Math.exp(0.3 * random.normal()),
    }));
  }).flat();
  // The first day of all, so that history has two years.
  const { priors, report } = await preprocessed(
    database.dataSource,
    [{ customer: 'c0', day: 0, total: 30 }, ...orders],
    '2023-01-02',
  );
  expect(report.orderValueRise).toBeGreaterThan(0.22);
  expect(report.orderValueRise).toBeLessThan(0.38);
  for (const prior of priors) expect(prior.prices).toEqual(priors[0]!.prices);
});

it('all windows know the first amounts that tell customers apart, but where attributes are read, and the report says them', async () => {
  await using database = await createTestDatabase();
  const random = new Random('subscribers');
  const orders = Array.from({ length: 1_200 }, (_, customer) => {
    const first = random.integer(600);
    const subscribes = customer % 3 === 0;
    const later = Array.from({ length: subscribes ? random.poisson(10) : random.poisson(0.3) }, (_each, i) =>
      subscribes ? first + 30 * (i + 1) : first + 1 + random.integer(300),
    ).filter((day) => day < 730);
    const total = subscribes ? 29 : 10 + random.gamma(2, 0.1);
    return [first, ...later].map((day) => ({ customer: `c${customer}`, day, total }));
  }).flat();
  const { priors, report } = await preprocessed(database.dataSource, orders);
  expect(report.firstAmounts).toEqual([29]);
  for (const prior of priors) {
    expect(Object.keys(prior.firstAmounts!.byAmount)).toEqual(['29.00']);
    expect(whyUnusable({ serving: { ...usableServing, prior } } as ModelVersion)).toBeNull();
    const newcomer = { frequency: 0, recency: 0, age: 20, monetary: 0 };
    const expected = (firstValue: number) =>
      predictPrior(prior, { ...newcomer, firstValue }, 90, new Date('2023-01-01')).expectedPurchases;
    expect(expected(29)).toBeGreaterThan(4 * expected(28));
  }
  await database.dataSource.query(`update customer set attributes = '{"channel": "search"}'`);
  const { dataSource } = database;
  const { snapshotId, report: withAttribute } = await runPreprocessing(dataSource, {
    asOf: '2023-01-01',
    horizonDays: 90,
    covariates: ['channel'],
  });
  expect(withAttribute).not.toHaveProperty('firstAmounts');
  expect((await readSnapshot(dataSource, snapshotId)).prior).not.toHaveProperty('firstAmounts');
});

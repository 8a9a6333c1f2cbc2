import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { cents } from '../../../src/math.js';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { readSnapshot } from '../../../src/services/preprocessing/snapshots.service.js';
import { Random } from '../../../src/random.js';
import { createTestDatabase } from '../../support/database.js';

interface Order {
  readonly customer: string;
  /** Since 2021-01-01. */
  readonly day: number;
  readonly total: number;
}

/** A snapshot of these orders alone. */
async function preprocessed(dataSource: DataSource, orders: readonly Order[]) {
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
  const { snapshotId, report } = await runPreprocessing(dataSource, { asOf: '2023-01-01', horizonDays: 90 });
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

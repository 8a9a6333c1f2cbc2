import { expect, it } from 'vitest';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { readSnapshot } from '../../../src/services/preprocessing/snapshots.service.js';
import { Random } from '../../../src/random.js';
import { useTestDatabase } from '../../support/database.js';

const database = useTestDatabase();

it('all windows expect log-normal order values where the shop’s are', async () => {
  const { dataSource } = database;
  const random = new Random('log-normal orders');
  const orders = Array.from({ length: 400 }, (_, customer) => {
    const own = 50 * Math.exp(random.normal());
    return Array.from({ length: 1 + random.poisson(3) }, () => ({
      customer: `c${customer}`,
      day: random.integer(720),
      total: Math.max(0.01, own * Math.exp(0.8 * random.normal())),
    }));
  }).flat();
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
  const { snapshotId } = await runPreprocessing(dataSource, { asOf: '2023-01-01', horizonDays: 90 });
  const { prior, windows } = await readSnapshot(dataSource, snapshotId);
  expect(windows.length).toBeGreaterThan(3);
  for (const of of [prior, ...windows.map((window) => window.prior)]) {
    expect(of.logNormal!.within).toBeGreaterThan(0.2);
    expect(of.logNormal!.firstWeight).toBeLessThan(0.9);
  }
});

import { expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { predictPrior } from '../../../src/ml/features/prior/predict-prior.js';
import { Random } from '../../../src/random.js';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { readSnapshot } from '../../../src/services/preprocessing/snapshots.service.js';
import { useTestDatabase } from '../../support/database.js';

const asOf = '2022-12-01';
const history = 720;
const [risenDays, before] = [112, 0.25];

/** Days of customers who come along history and leave after so many days on average, buying four times as often since the rise. */
function purchaseDays(random: Random): number[][] {
  return Array.from({ length: 3_000 }, () => {
    const first = random.integer(history);
    const rate = random.gamma(0.8, 20);
    const end = Math.min(history, first + random.exponential(random.gamma(2, 240)));
    const days = [first];
    for (let day = first + 1; day < end; day++) {
      if (random.uniform() < rate * (day < history - risenDays ? before : 1)) days.push(day);
    }
    return days;
  });
}

const database = useTestDatabase();

it('windows before and across a rise of pace tell how soon customers leave', async () => {
  const { dataSource } = database;
  const orders = purchaseDays(new Random(6)).flatMap((days, i) => days.map((day) => ({ customer: `c${i}`, day })));
  const begin = Date.parse(asOf) / dayMs - history;
  await dataSource.query(
    `with who as (
       insert into customer (external_id) select distinct * from unnest($1::text[]) returning id, external_id
     )
     insert into customer_order (external_id, customer_id, placed_at, currency, total)
     select number, id, timestamptz '1970-01-01' + ($3 + day) * interval '1 day', 'EUR', 20 + number % 7
     from unnest($1::text[], $2::int[]) with ordinality as t (customer, day, number) join who on external_id = customer`,
    [orders.map(({ customer }) => customer), orders.map(({ day }) => day), begin],
  );
  const { snapshotId } = await runPreprocessing(dataSource, { asOf, horizonDays: 180 });
  const { prior, windows } = await readSnapshot(dataSource, snapshotId);
  expect(prior).toMatchObject({ leavesWithTime: true, pace: { before: expect.closeTo(before, 1) as number } });
  expect(windows.some((window) => Date.parse(window.asOf) / dayMs < prior.pace!.day)).toBe(true);
  const customer = { frequency: 1, recency: 20, age: 150, monetary: 22, firstValue: 22 };
  for (const window of windows) {
    const ofPrior = [prior, window.prior].map(({ a, b }) => b / a);
    expect(ofPrior[1]! / ofPrior[0]!).toBeGreaterThan(0.8);
    expect(ofPrior[1]! / ofPrior[0]!).toBeLessThan(1.25);
    const predicted = predictPrior(window.prior, customer, window.horizonDays, new Date(window.asOf));
    expect(predicted.aliveProbability).toBeGreaterThan(0.1);
    expect(predicted.aliveProbability).toBeLessThan(0.9);
  }
}, 120_000);

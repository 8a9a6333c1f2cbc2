import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../../src/days.js';
import { fitPrior } from '../../../../src/ml/features/prior/fit-prior.js';
import { learnPurchaseClock } from '../../../../src/ml/features/prior/learn-purchase-clock.js';
import { predictPriorBatch } from '../../../../src/ml/features/prior/predict-prior.js';
import { toRfmColumns, type RfmSummary } from '../../../../src/ml/features/prior/rfm-summary.js';
import type { RepeatPurchases } from '../../../../src/ml/features/repeat-purchases.js';
import { Random } from '../../../../src/random.js';

const asOf = new Date('2019-12-23');
const now = asOf.getTime() / dayMs;
/** Days of history, and those that come after the as-of date. */
const history = 720;
const horizon = 180;

/** Days since the as-of date, or since the customer's first purchase; how busy everybody is then. */
type Pace = (day: number, tenure: number) => number;

/** Gamma rates, acquired all along; a tenth leaves after each purchase. */
function shop(pace: Pace, acquiredDays = history) {
  const random = new Random('a pace of its own');
  const rows: RfmSummary[] = [];
  const repeats: RepeatPurchases[] = [];
  let next = 0;
  for (let i = 0; i < 3_000; i++) {
    const age = history - random.integer(acquiredDays);
    const rate = random.gamma(0.8, 30);
    let [frequency, recency, alive] = [0, 0, true];
    for (let day = 1; day < age + horizon && alive; day++) {
      if (random.uniform() >= rate * pace(day - age, day)) continue;
      alive = random.uniform() >= 0.1;
      if (day >= age) {
        next++;
        continue;
      }
      frequency++;
      recency = day;
      repeats.push({ firstDay: now - age, day: now - age + day, count: 1 });
    }
    rows.push({ frequency, recency, age, monetary: frequency > 0 ? 10 : 0, firstValue: 10 });
  }
  return { columns: toRfmColumns(rows), repeats, next };
}

const since =
  (days: number, before: number): Pace =>
  (day) =>
    day < -days ? before : 1;

describe('the rise of a pace', () => {
  it('is found where purchases tripled for everybody, and kept up', () => {
    const { columns, repeats, next } = shop(since(90, 1 / 3));
    const clock = learnPurchaseClock(columns, repeats, asOf);
    expect(clock.season).toBeNull();
    expect(now - clock.pace!.day).toBeGreaterThanOrEqual(56);
    expect(now - clock.pace!.day).toBeLessThanOrEqual(112);
    expect(clock.pace!.before).toBeGreaterThanOrEqual(0.25);
    expect(clock.pace!.before).toBeLessThanOrEqual(0.5);
    const purchases = (pace: typeof clock.pace) => {
      const prior = fitPrior(columns, {
        form: { ...clock, pace, leavesAtFirst: false, tellsNewcomers: false, asOf },
      }).parameters;
      return predictPriorBatch(prior, columns, horizon, asOf).expectedPurchases.reduce((sum, each) => sum + each, 0);
    };
    expect(purchases(null) / next).toBeLessThan(0.85);
    expect(purchases(clock.pace) / next).toBeGreaterThan(0.9);
    expect(purchases(clock.pace) / next).toBeLessThan(1.08);
  });

  it('is not read out of a pace that stays, falls, or falls with the time as a customer', () => {
    for (const pace of [() => 1, since(90, 2), (_: number, tenure: number) => Math.exp(-tenure / 200)]) {
      const { columns, repeats } = shop(pace);
      expect(learnPurchaseClock(columns, repeats, asOf).pace).toBeNull();
    }
  });

  it('is not read out of a season that comes every year', () => {
    const winter: Pace = (day) => (new Date((now + day) * dayMs).getUTCMonth() >= 10 ? 1 : 1 / 3);
    const { columns, repeats } = shop(winter);
    const clock = learnPurchaseClock(columns, repeats, asOf);
    expect(clock.season).not.toBeNull();
    expect(clock.pace).toBeNull();
  });

  it('is not looked for in one cohort, whose age is all that passes', () => {
    const { columns, repeats } = shop(since(90, 1 / 3), 60);
    expect(learnPurchaseClock(columns, repeats, asOf).pace).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { learnPurchaseClock } from '../../../../../src/ml/features/prior/clock/learn-purchase-clock.js';
import { carriedOn } from '../../../../../src/ml/features/prior/carry-on.js';
import { predictPrior, predictPriorBatch } from '../../../../../src/ml/features/prior/predict-prior.js';
import { toRfmColumns, type RfmSummary } from '../../../../../src/ml/features/prior/rfm-summary.js';
import { logTenureSpeed, tenureHorizon, tenureTime } from '../../../../../src/ml/features/prior/clock/tenure-clock.js';
import type { RepeatPurchases } from '../../../../../src/ml/features/repeat-purchases.js';
import { Random } from '../../../../../src/random.js';
import { CDNOW_PRIOR } from '../shops.js';

const asOf = new Date('1997-10-01');
const dayMs = 86_400_000;

/** Customers as the prior of CDNOW has them, who buy `1 + gain exp(-t / 30)` times as often t days after the first purchase. */
function youngShop(gain: number, customers: number) {
  const random = new Random('early buyers');
  const { r, alpha, a, b } = CDNOW_PRIOR;
  const now = asOf.getTime() / dayMs;
  const rows: RfmSummary[] = [];
  const repeats: RepeatPurchases[] = [];
  for (let i = 0; i < customers; i++) {
    const age = 1 + random.integer(270);
    const rate = random.gamma(r, alpha) / 7;
    const leave = random.beta(a, b);
    let [time, recency, frequency] = [0, 0, 0];
    for (;;) {
      time += random.exponential(rate);
      const day = calendarDay(gain, time, age);
      if (day === undefined) break;
      frequency++;
      recency = day;
      repeats.push({ firstDay: now - age, day: now - age + day, count: 1 });
      if (random.uniform() < leave) break;
    }
    rows.push({ frequency, recency, age, monetary: frequency > 0 ? 10 : 0, firstValue: 10 });
  }
  return { columns: toRfmColumns(rows), repeats };
}

/** @returns the calendar day in which the clock shows `time`; undefined after the last one */
function calendarDay(gain: number, time: number, last: number): number | undefined {
  for (let day = 1; day <= last; day++) if (tenureTime(gain, day) >= time) return day;
  return undefined;
}

describe('tenure time', () => {
  it('is the integral of how fast its clock runs', () => {
    for (const days of [0.5, 20, 200]) {
      const steps = 20_000;
      const width = days / steps;
      let integral = 0;
      for (let i = 0; i < steps; i++) integral += Math.exp(logTenureSpeed(1.5, (i + 0.5) * width)) * width;
      expect(tenureTime(1.5, days)).toBeCloseTo(integral, 6);
    }
    expect(Math.exp(logTenureSpeed(1.5, 0))).toBeCloseTo(2.5, 12);
    expect(tenureHorizon(1.5, 20, 180)).toBeCloseTo(tenureTime(1.5, 200) - tenureTime(1.5, 20), 12);
  });

  it('is the calendar where new customers buy no more often', () => {
    expect(tenureTime(0, 12.3)).toBe(12.3);
    expect(tenureHorizon(0, 12.3, 90)).toBe(90);
  });
});

describe('what new customers buy more', () => {
  it('is learnt from a shop where they do', () => {
    const { columns, repeats } = youngShop(1.4, 4_000);
    const clock = learnPurchaseClock(columns, repeats, asOf);
    expect(clock.season).toBeNull();
    expect(clock.earlyGain).toBeGreaterThanOrEqual(1);
    expect(clock.earlyGain).toBeLessThanOrEqual(2);
  });

  it('is not seen in a shop where they do not, nor in a few purchases', () => {
    for (const { columns, repeats } of [youngShop(0, 4_000), youngShop(1.4, 60)]) {
      expect(learnPurchaseClock(columns, repeats, asOf).earlyGain).toBe(0);
    }
  });

  it('is expected of the newest customers most, and of all alike in one batch', () => {
    const prior = { ...CDNOW_PRIOR, earlyGain: 1.5 };
    const customers: RfmSummary[] = [
      { frequency: 0, recency: 0, age: 3, monetary: 0, firstValue: 20 },
      { frequency: 2, recency: 40, age: 200, monetary: 25, firstValue: 20 },
    ];
    const batch = predictPriorBatch(prior, toRfmColumns(customers), 90, asOf);
    customers.forEach((customer, i) => {
      const one = predictPrior(prior, customer, 90, asOf);
      expect(batch.expectedValue[i]).toBeCloseTo(one.expectedValue, 12);
      expect(batch.purchaseProbability[i]).toBeCloseTo(one.purchaseProbability, 12);
    });
    const share = (customer: RfmSummary) =>
      predictPrior(prior, customer, 30, asOf).expectedPurchases /
      predictPrior(prior, customer, 90, asOf).expectedPurchases;
    expect(share(customers[0]!)).toBeGreaterThan(0.45);
    expect(share(customers[1]!)).toBeLessThan(0.38);
  });

  it('is not carried on beyond the learnt horizon', () => {
    // Nobody leaves, so that the clock alone tells what 60 days bring beside 30.
    const prior = { ...CDNOW_PRIOR, a: 1e-9, earlyGain: 1.5 };
    const customer = { frequency: 0, recency: 0, age: 3, monetary: 0, firstValue: 20 };
    expect(carriedOn(prior, customer, { horizonDays: 60, learntDays: 30 }, asOf)).toBeCloseTo(0, 6);
  });
});

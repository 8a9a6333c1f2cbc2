import { describe, expect, it } from 'vitest';
import { learnFading } from '../../../../../src/ml/features/prior/clock/learn-fading.js';
import { learnPurchaseClock } from '../../../../../src/ml/features/prior/clock/learn-purchase-clock.js';
import { learnPriorForm } from '../../../../../src/ml/features/prior/learn-prior-form.js';
import type { PriorForm } from '../../../../../src/ml/features/prior/fit-prior.js';
import { sum } from '../../../../../src/math.js';
import { baseOutlook } from '../../../../../src/ml/features/prior/base-outlook.js';
import { carriedOn } from '../../../../../src/ml/features/prior/carry-on.js';
import { predictPrior, predictPriorBatch } from '../../../../../src/ml/features/prior/predict-prior.js';
import { toRfmColumns, type RfmSummary } from '../../../../../src/ml/features/prior/rfm-summary.js';
import {
  logTenureSpeed,
  type TenureClock,
  tenureHorizon,
  tenureTime,
} from '../../../../../src/ml/features/prior/clock/tenure-clock.js';
import type { RepeatPurchases } from '../../../../../src/ml/features/repeat-purchases.js';
import { Random } from '../../../../../src/random.js';
import { CDNOW_PRIOR, fitted } from '../shops.js';

const asOf = new Date('1997-10-01');
const dayMs = 86_400_000;

/**
 * Customers as the prior of CDNOW has them, on a tenure clock; the later they come, the more slowly, where the shop declines. Of strays
 * only an order of 1970-01-01 is known.
 */
function shopOn(
  clock: TenureClock,
  customers: number,
  { historyDays = 270, leastAge = 1, aheadDays = 0, leaves = true, declineDays = Infinity, strays = 0 } = {},
) {
  const random = new Random('early buyers');
  const { r, alpha, a, b } = CDNOW_PRIOR;
  const now = asOf.getTime() / dayMs;
  const rows: RfmSummary[] = [];
  const repeats: RepeatPurchases[] = [];
  let ahead = 0;
  for (let i = 0; i < customers; i++) {
    const age = leastAge + random.integer(historyDays + 1 - leastAge);
    const rate = (random.gamma(r, alpha) / 7) * Math.exp((age - historyDays) / declineDays);
    const leave = random.beta(a, b);
    let [time, recency, frequency] = [0, 0, 0];
    for (;;) {
      time += random.exponential(rate);
      const day = calendarDay(clock, time, recency, age + aheadDays);
      if (day === undefined) break;
      if (day > age) {
        ahead++;
        continue;
      }
      frequency++;
      recency = day;
      repeats.push({ firstDay: now - age, day: now - age + day, count: 1 });
      if (leaves && random.uniform() < leave) break;
    }
    rows.push({ frequency, recency, age, monetary: frequency > 0 ? 10 : 0, firstValue: 10 });
  }
  for (let i = 0; i < strays; i++) rows.push({ frequency: 0, recency: 0, age: now, monetary: 0, firstValue: 10 });
  return { columns: toRfmColumns(rows), repeats, ahead };
}

/** @returns the calendar day in which the clock shows `time`, not before an earlier one; undefined after the last one */
function calendarDay(clock: TenureClock, time: number, earlier: number, last: number): number | undefined {
  for (let day = Math.max(earlier, 1); day <= last; day++) if (tenureTime(clock, day) >= time) return day;
  return undefined;
}

describe('tenure time', () => {
  it('is the integral of how fast its clock runs', () => {
    const fading = { days: 300, floor: 0.2 };
    for (const clock of [{ earlyGain: 1.5 }, { earlyGain: 0, fading }, { earlyGain: 1.5, fading }]) {
      for (const days of [0.5, 20, 200]) {
        const steps = 20_000;
        const width = days / steps;
        let integral = 0;
        for (let i = 0; i < steps; i++) integral += Math.exp(logTenureSpeed(clock, (i + 0.5) * width)) * width;
        expect(tenureTime(clock, days)).toBeCloseTo(integral, 6);
      }
      expect(tenureHorizon(clock, 20, 180)).toBeCloseTo(tenureTime(clock, 200) - tenureTime(clock, 20), 12);
    }
    expect(tenureHorizon({ earlyGain: 0 }, 12.3, 90)).toBeCloseTo(90, 12);
    expect(Math.exp(logTenureSpeed({ earlyGain: 1.5 }, 0))).toBeCloseTo(2.5, 12);
    expect(Math.exp(logTenureSpeed({ earlyGain: 1.5 }, 30))).toBeCloseTo(1 + 1.5 / Math.E, 12);
    expect(Math.exp(logTenureSpeed({ earlyGain: 0, fading }, 300))).toBeCloseTo(0.2 + 0.8 * Math.exp(-1), 12);
  });

  it('is the calendar where new customers buy no more often', () => {
    expect(tenureTime({ earlyGain: 0 }, 12.3)).toBe(12.3);
  });
});

describe('what new customers buy more', () => {
  it('is learnt from a shop where they do', () => {
    const { columns, repeats } = shopOn({ earlyGain: 1.4 }, 4_000);
    const clock = learnPurchaseClock({ columns, repeats, asOf });
    expect(clock.season).toBeNull();
    expect(clock.earlyGain).toBeGreaterThanOrEqual(1);
    expect(clock.earlyGain).toBeLessThanOrEqual(2);
  });

  it('is not seen in a shop where they do not, nor in a few purchases', () => {
    for (const { columns, repeats } of [shopOn({ earlyGain: 0 }, 4_000), shopOn({ earlyGain: 1.4 }, 60)]) {
      expect(learnPurchaseClock({ columns, repeats, asOf }).earlyGain).toBe(0);
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

describe('a pace that fades', () => {
  const fading = { days: 500, floor: 0 };
  const history = { historyDays: 700, aheadDays: 700, leaves: false };
  const formOf = ({ columns, repeats }: ReturnType<typeof shopOn>) => learnPriorForm({ columns, repeats, asOf });

  it.each([fading, { days: 200, floor: 0.3 }])('is learnt from a shop where it does, and carried on: %o', (fading) => {
    const shop = shopOn({ earlyGain: 0, fading }, 2_000, { ...history, historyDays: 1_400 });
    const form = formOf(shop);
    expect(form.fading!.floor).toBe(fading.floor);
    const expected = (pace?: PriorForm['fading']) => {
      const { parameters } = fitted(shop.columns, { ...form, fading: pace, asOf });
      return sum(predictPriorBatch(parameters, shop.columns, history.aheadDays, asOf).expectedPurchases);
    };
    expect(Math.abs(expected(form.fading) / shop.ahead - 1)).toBeLessThan(0.1);
    // As leaving, it would be too much.
    expect(expected() / shop.ahead).toBeGreaterThan(1.3);
  });

  it.each([false, true])('leaves those of long ago next to no chance of a purchase, but one: %o', (leavesWithTime) => {
    const prior = { ...CDNOW_PRIOR, fading: { days: 200, floor: 0 }, leavesWithTime };
    const customer = { frequency: 0, recency: 0, age: 10_000, monetary: 0, firstValue: 10 };
    const { purchaseProbability, valueGivenPurchase, expectedOrderValue } = predictPrior(prior, customer, 365, asOf);
    expect(purchaseProbability).toBeGreaterThan(0);
    expect(purchaseProbability).toBeLessThan(1e-11);
    expect(valueGivenPurchase).toBeCloseTo(expectedOrderValue, 9);
    const outlook = baseOutlook(prior, toRfmColumns([customer]), [], { asOf, learntDays: 90, longestDays: 365 });
    for (const { expected } of outlook) expect(expected).toBeCloseTo(0, 9);
  });

  it('is learnt beside what new customers buy more, on the clock of the shop, and not in its place', () => {
    const closures = [{ from: asOf.getTime() / dayMs - 60, to: asOf.getTime() / dayMs - 58 }];
    const clock = { season: null, pace: null, earlyGain: 0, closures };
    const both = shopOn({ earlyGain: 2.8, fading }, 2_000, history);
    const faded = learnFading(clock, { ...both, asOf })!;
    expect(faded.closures).toBe(closures);
    expect(faded.earlyGain).toBeGreaterThan(0);
    const early = shopOn({ earlyGain: 1.4 }, 1_000, history);
    expect(learnFading({ ...clock, earlyGain: 1.4 }, { ...early, asOf })).toBeNull();
  });

  it('is not seen where customers leave, buy evenly or are few, in one cohort, nor where the whole shop declines', () => {
    for (const shop of [
      shopOn({ earlyGain: 0 }, 1_000, { historyDays: 700 }),
      shopOn({ earlyGain: 0 }, 1_000, { historyDays: 700, leaves: false }),
      shopOn({ earlyGain: 0, fading }, 60, history),
      shopOn({ earlyGain: 0, fading }, 1_000, { ...history, leastAge: 640 }),
      shopOn({ earlyGain: 0, fading }, 1_000, { ...history, declineDays: fading.days }),
      shopOn({ earlyGain: 0, fading }, 1_000, { ...history, declineDays: fading.days, strays: 3 }),
    ]) {
      expect(formOf(shop)).not.toHaveProperty('fading');
    }
  });
});

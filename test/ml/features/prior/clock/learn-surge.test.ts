import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../../../src/days.js';
import { learnPriorForm } from '../../../../../src/ml/features/prior/learn-prior-form.js';
import { learnPurchaseClock } from '../../../../../src/ml/features/prior/clock/learn-purchase-clock.js';
import { predictPriorBatch } from '../../../../../src/ml/features/prior/predict-prior.js';
import { learnSurge } from '../../../../../src/ml/features/prior/clock/learn-surge.js';
import type { ShopClock } from '../../../../../src/ml/features/prior/clock/shop-clock.js';
import { asOf, horizon, now, type Pace, pacedShop } from './paced-shop.js';
import { fitted } from '../shops.js';

/** Three times as busy from so many days before the as-of date up to so many. */
const surge =
  (from: number, to: number): Pace =>
  (day) =>
    day >= -from && day < -to ? 1 : 1 / 3;

const clockOf = (pace: Pace): ShopClock => {
  const { columns, repeats } = pacedShop(pace);
  return learnPurchaseClock({ columns, repeats, asOf });
};

describe('a surge', () => {
  it('is found where everybody bought more often for some months, and expected to come no more', () => {
    const { columns, repeats, next } = pacedShop(surge(180, 60));
    const clock = learnPurchaseClock({ columns, repeats, asOf });
    expect(clock).toMatchObject({ season: null, pace: null });
    expect(Math.abs(now - 180 - clock.surge!.from)).toBeLessThanOrEqual(7);
    expect(Math.abs(now - 60 - clock.surge!.to)).toBeLessThanOrEqual(7);
    expect(clock.surge!.times).toBeGreaterThanOrEqual(2.5);
    expect(clock.surge!.times).toBeLessThanOrEqual(4);
    const expected = ({ surge: known, ...others }: ShopClock) => {
      const form = { ...others, ...(known && { surge: known }), earlyGain: 0, leavesAtFirst: false };
      const prior = fitted(columns, { ...form, asOf }).parameters;
      return predictPriorBatch(prior, columns, horizon, asOf).expectedPurchases.reduce((sum, each) => sum + each, 0);
    };
    const { surge: _, ...without } = clock;
    expect(expected(without) / next).toBeGreaterThan(1.3);
    expect(expected(clock) / next).toBeGreaterThan(0.9);
    expect(expected(clock) / next).toBeLessThan(1.15);
  });

  it('does not end where the shop is closed within it', () => {
    const [closed, open] = [120, 85];
    const { columns, repeats } = pacedShop((day, ...customer) =>
      day >= -closed && day < -open ? 0 : surge(190, 65)(day, ...customer),
    );
    const calendar = { season: null, pace: null, closures: [{ from: now - closed, to: now - open }] };
    const found = learnSurge(calendar, { columns, repeats, asOf })!;
    expect(Math.abs(now - 190 - found.from)).toBeLessThanOrEqual(7);
    expect(Math.abs(now - 65 - found.to)).toBeLessThanOrEqual(7);
    expect(found.times).toBeGreaterThanOrEqual(2.5);
    expect(found.times).toBeLessThanOrEqual(4);
  });

  it('is none where the shop is closed and as busy as ever before and after', () => {
    const { columns, repeats } = pacedShop((day) => (day >= -120 && day < -85 ? 0 : 1 / 3));
    const closures = [{ from: now - 120, to: now - 85 }];
    expect(learnSurge({ season: null, pace: null, closures }, { columns, repeats, asOf })).toBeNull();
  });

  it('has nobody taken for somebody who buys by years', () => {
    const rarely: Pace = (day) => (day >= -130 && day < -30 ? 0.3 : 0.075);
    const { columns, repeats } = pacedShop(rarely, 1_095, 1_095);
    const form = learnPriorForm({ columns, repeats, asOf });
    expect(form.surge).toBeDefined();
    expect(form).not.toHaveProperty('yearly');
  });

  it('is none where the pace stays, has risen for good, or falls with the time as a customer', () => {
    for (const pace of [() => 1 / 3, surge(90, 0), (_: number, tenure: number) => Math.exp(-tenure / 200)]) {
      expect(clockOf(pace)).not.toHaveProperty('surge');
    }
  });

  it('is none where it comes every year, or there is no other year to tell', () => {
    const monthsOf = (day: number) => new Date((now + day) * dayMs).getUTCMonth();
    expect(clockOf((day) => ([8, 9].includes(monthsOf(day)) ? 1 : 1 / 3))).not.toHaveProperty('surge');
    expect(clockOf(surge(430, 350))).not.toHaveProperty('surge');
  });

  it('is none where it came in one of two other years', () => {
    const [twoYears, pace] = [728, surge(180, 60)];
    const { columns, repeats } = pacedShop(
      (day, ...customer) => Math.max(pace(day, ...customer), pace(day + twoYears, ...customer)),
      1_095,
      1_095,
    );
    expect(learnSurge({ season: null, pace: null }, { columns, repeats, asOf })).toBeNull();
  });
});

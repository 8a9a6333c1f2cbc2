import { describe, expect, it } from 'vitest';
import { learnFading } from '../../../../../src/ml/features/prior/clock/learn-fading.js';
import { learnPurchaseClock } from '../../../../../src/ml/features/prior/clock/learn-purchase-clock.js';
import type { PurchaseClock } from '../../../../../src/ml/features/prior/clock/purchase-clock.js';
import { regressedSeason } from '../../../../../src/ml/features/prior/clock/regressed-season.js';
import { clocksBesideAges } from '../../../../../src/ml/features/prior/clock/season-beside-ages.js';
import { predictPriorBatch } from '../../../../../src/ml/features/prior/predict-prior.js';
import { learnPriorForm } from '../../../../../src/ml/features/prior/learn-prior-form.js';
import { sum } from '../../../../../src/math.js';
import { fitted } from '../shops.js';
import {
  asOf,
  expectedShop,
  horizon,
  now,
  type Pace,
  type PacedShop,
  pacedShop,
  risen,
  together,
  winter,
} from './paced-shop.js';

const calendar = { season: null, pace: null };
/** Nobody leaves. */
const foreverDays = 1e6;

/** Half as often after so many days. */
const fading =
  (halfLife: number): Pace =>
  (_day, tenure) =>
    2 ** (-tenure / halfLife);

describe('the season beside the ages of customers', () => {
  it('is that of the calendar, whatever customers do as they age', () => {
    const months = winterMonths();
    const early: Pace = (_day, tenure) => 1 + 3 * Math.exp(-tenure / 20);
    for (const ageing of [fading(1e9), fading(100), early]) {
      const season = regressedSeason(calendar, expectedShop(together(winter, ageing), 400));
      season.forEach((factor, month) => expect(factor / months[month]!).toBeCloseTo(1, 1));
    }
  });

  it('leaves the season of the clock aside, and knows its other parts', () => {
    const months = winterMonths();
    const shop = expectedShop(together(winter, risen(90, 3)), 400);
    const pace = { day: now - 90, before: 1 / 3 };
    const season = regressedSeason({ season: months.map((factor) => 1 / factor), pace }, shop);
    season.forEach((factor, month) => expect(factor / months[month]!).toBeCloseTo(1, 1));
  });
});

/** Of `winter`, with a mean of 1. */
function winterMonths(): number[] {
  return Array.from({ length: 12 }, (_, month) => (month >= 10 ? 1 : 1 / 3) / ((2 + 10 / 3) / 12));
}

describe('a pace that fades beside a season', () => {
  const seenOf = ({ columns, repeats }: PacedShop) => ({ columns, repeats, asOf });
  const shop = pacedShop(together(winter, fading(400)), 400, 400, foreverDays);
  const seen = seenOf(shop);
  const even = learnPurchaseClock(seen);

  it('is told from it in little more than a year', () => {
    const form = learnPriorForm(seen);
    const expected = (clock: PurchaseClock) => {
      const { parameters } = fitted(shop.columns, { ...form, ...clock, asOf });
      return sum(predictPriorBatch(parameters, shop.columns, horizon, asOf).expectedPurchases) / shop.next;
    };
    expect(Math.abs(expected(form) - 1)).toBeLessThan(0.05);
    // The season that is learnt first has taken up some of it.
    expect(expected(learnFading(even, seen)!)).toBeGreaterThan(1.15);
  });

  it('is not looked for beside a change of pace', () => {
    const pace = { day: now - 90, before: 0.5 };
    const surge = { from: now - 120, to: now - 60, times: 2 };
    expect(clocksBesideAges(even, seen)).toHaveLength(1);
    for (const change of [{ pace }, { surge }]) expect(clocksBesideAges({ ...even, ...change }, seen)).toEqual([]);
  });

  it('leaves the season as it is where nothing fades', () => {
    const steady = seenOf(pacedShop(winter));
    const { season } = learnPurchaseClock(steady);
    expect(season).not.toBeNull();
    expect(learnPriorForm(steady)).toMatchObject({ season });
  });
});

describe('a season that is not found otherwise', () => {
  const even = { ...calendar, earlyGain: 0 };
  const seenOf = ({ columns, repeats }: PacedShop) => ({ columns, repeats, asOf });
  /** Busy for the 60 days until so many days ago, and a year later. */
  const busyOnce =
    (ago: number): Pace =>
    (day) =>
      (((day + ago) % 365) + 365 + 60) % 365 < 60 ? 1 : 0.3;

  it('is told from an early gain where history begins with busy months', () => {
    const shop = pacedShop(busyOnce(270), 372, 372);
    const seen = seenOf(shop);
    const first = learnPurchaseClock(seen);
    expect(first.season).toBeNull();
    expect(first.earlyGain).toBeGreaterThan(0);
    const form = learnPriorForm(seen);
    const expected = (clock: PurchaseClock) => {
      const { parameters } = fitted(shop.columns, { ...form, ...clock, asOf });
      return sum(predictPriorBatch(parameters, shop.columns, horizon, asOf).expectedPurchases) / shop.next;
    };
    expect(expected(first)).toBeLessThan(0.65);
    expect(Math.abs(expected(form) - 1)).toBeLessThan(0.1);
  });

  it('is not looked for in a busy last month, which may be a rise that goes on, or where the years tell', () => {
    const rising: Pace = (day) => 3.5 ** -Math.min(1, Math.max(0, -day / 100));
    const quiet = (days: number) => seenOf(pacedShop(busyOnce(270), days, days));
    expect(clocksBesideAges(even, quiet(372))).not.toEqual([]);
    expect(clocksBesideAges(even, seenOf(pacedShop(rising, 372, 372)))).toEqual([]);
    expect(clocksBesideAges(even, quiet(740))).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { learnPurchaseClock } from '../../../../../src/ml/features/prior/clock/learn-purchase-clock.js';
import { learnPriorForm } from '../../../../../src/ml/features/prior/learn-prior-form.js';
import { predictPriorBatch } from '../../../../../src/ml/features/prior/predict-prior.js';
import { asOf, horizon, now, type Pace, pacedShop, winter } from './paced-shop.js';
import { fitted } from '../shops.js';

const since =
  (days: number, before: number): Pace =>
  (day) =>
    day < -days ? before : 1;

describe('the rise of a pace', () => {
  it('is found where purchases tripled for everybody, and kept up', () => {
    const { columns, repeats, next } = pacedShop(since(90, 1 / 3));
    const clock = learnPurchaseClock({ columns, repeats, asOf });
    expect(clock.season).toBeNull();
    expect(Math.abs(now - clock.pace!.day - 90)).toBeLessThanOrEqual(3);
    expect(Math.abs(3 * clock.pace!.before - 1)).toBeLessThan(0.1);
    const purchases = (pace: typeof clock.pace) => {
      const prior = fitted(columns, { ...clock, pace, asOf }).parameters;
      return predictPriorBatch(prior, columns, horizon, asOf).expectedPurchases.reduce((sum, each) => sum + each, 0);
    };
    expect(purchases(null) / next).toBeLessThan(0.85);
    expect(purchases(clock.pace) / next).toBeGreaterThan(0.9);
    expect(purchases(clock.pace) / next).toBeLessThan(1.08);
  });

  it.each([
    { ago: 97, times: 2.4 },
    { ago: 130, times: 1.6 },
  ])('is told to some days and per cent, as $times times $ago days ago', ({ ago, times }) => {
    const { columns, repeats } = pacedShop(since(ago, 1 / times));
    const { pace } = learnPurchaseClock({ columns, repeats, asOf });
    expect(Math.abs(now - pace!.day - ago)).toBeLessThanOrEqual(3);
    expect(Math.abs(times * pace!.before - 1)).toBeLessThan(0.07);
  });

  it.each([
    { from: 150, to: 40, times: 3, staysDays: undefined },
    { from: 120, to: 0, times: 2.5, staysDays: undefined },
    { from: 160, to: 20, times: 3, staysDays: 120 },
  ])('is found to go on evenly: $times times from $from to $to days ago', ({ from, to, times, staysDays }) => {
    const evenly: Pace = (day) => 1 / times + (1 - 1 / times) * Math.min(1, Math.max(0, (day + from) / (from - to)));
    const { columns, repeats, next } = pacedShop(evenly, 720, 720, staysDays);
    const form = learnPriorForm({ columns, repeats, asOf });
    const { pace } = form;
    expect(Math.abs(now - pace!.day - from)).toBeLessThanOrEqual(35);
    expect(Math.abs(now - pace!.until! - to)).toBeLessThanOrEqual(35);
    expect(Math.abs(times * pace!.before - 1)).toBeLessThan(0.2);
    expect(form.leavesWithTime ?? false).toBe(staysDays !== undefined);
    const purchases = (of: typeof form) => {
      const prior = fitted(columns, { ...of, asOf }).parameters;
      return predictPriorBatch(prior, columns, horizon, asOf).expectedPurchases.reduce((sum, each) => sum + each, 0);
    };
    expect(Math.abs(purchases(form) / next - 1)).toBeLessThan(0.1);
  });

  it('has nobody leave sooner where customers leave with time', () => {
    const { columns, repeats, next } = pacedShop(since(112, 1 / 3), 720, 720, 120);
    const form = learnPriorForm({ columns, repeats, asOf });
    expect(form.leavesWithTime).toBe(true);
    const prior = fitted(columns, { ...form, asOf }).parameters;
    const { expectedPurchases } = predictPriorBatch(prior, columns, horizon, asOf);
    const expected = expectedPurchases.reduce((sum, each) => sum + each, 0);
    expect(expected / next).toBeGreaterThan(0.85);
    expect(expected / next).toBeLessThan(1.1);
    // In weeks: a = 2, b = 120 / 7.
    expect(prior.b / prior.a / (120 / 2 / 7)).toBeGreaterThan(0.8);
    expect(prior.b / prior.a / (120 / 2 / 7)).toBeLessThan(1.25);
  });

  it('lies in the outcome of a window of before, whose customers leave with time', () => {
    const rise = 88;
    const { columns, next } = pacedShop((day) => (day < rise ? 1 / 3 : 1), 720, 720, 120);
    const pace = { day: now + rise, before: 1 / 3 };
    const prior = fitted(columns, { pace, leavesWithTime: true, asOf }).parameters;
    const { expectedPurchases } = predictPriorBatch(prior, columns, horizon, asOf);
    const expected = expectedPurchases.reduce((sum, each) => sum + each, 0);
    expect(expected / next).toBeGreaterThan(0.85);
    expect(expected / next).toBeLessThan(1.1);
  });

  it('is not read out of a pace that stays, falls, or falls with the time as a customer', () => {
    for (const pace of [() => 1, since(90, 2), (_: number, tenure: number) => Math.exp(-tenure / 200)]) {
      const { columns, repeats } = pacedShop(pace);
      expect(learnPurchaseClock({ columns, repeats, asOf }).pace).toBeNull();
    }
  });

  it('is not read out of purchases that come in bursts, with months of silence between', () => {
    const often = 3;
    const burst: Pace = (_, tenure, customer) => (tenure % (160 + (customer % 181)) < 40 ? often : 0);
    const { columns, repeats } = pacedShop(burst);
    expect(learnPurchaseClock({ columns, repeats, asOf }).pace).toBeNull();
    const risen: Pace = (day, ...customer) => burst(day, ...customer) * since(100, 1 / 3)(day, ...customer);
    const ofRisen = pacedShop(risen);
    expect(learnPurchaseClock({ columns: ofRisen.columns, repeats: ofRisen.repeats, asOf }).pace).not.toBeNull();
  });

  it('is not taken for a season where most months were seen but once', () => {
    for (const [days, ago] of [
      [470, 100],
      [540, 150],
    ] as const) {
      const { columns, repeats } = pacedShop(since(ago, 1 / 4), days, days);
      const { season, pace } = learnPurchaseClock({ columns, repeats, asOf });
      expect(season).toBeNull();
      expect(Math.abs(now - pace!.day - ago)).toBeLessThanOrEqual(7);
    }
  });

  it('is not read out of a season that comes every year', () => {
    const { columns, repeats } = pacedShop(winter);
    const clock = learnPurchaseClock({ columns, repeats, asOf });
    expect(clock.season).not.toBeNull();
    expect(clock.pace).toBeNull();
  });

  it('is not looked for in one cohort, whose age is all that passes, before two years were seen', () => {
    const { columns, repeats } = pacedShop(since(90, 1 / 3), 60);
    expect(learnPurchaseClock({ columns, repeats, asOf }).pace).toBeNull();
  });

  it('is found in one cohort then, and not read out of its ageing', () => {
    const clockOf = (pace: Pace) => {
      const { columns, repeats } = pacedShop(pace, 60, 1_000);
      return learnPurchaseClock({ columns, repeats, asOf });
    };
    const { season, pace } = clockOf(since(90, 1 / 3));
    expect(season).toBeNull();
    expect(now - pace!.day).toBeLessThanOrEqual(112);
    expect(clockOf((_, tenure) => Math.exp(-tenure / 200))).toMatchObject({ season: null, pace: null });
  });
});

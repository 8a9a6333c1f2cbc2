import { describe, expect, it } from 'vitest';
import { dayMs, wholeYearDays } from '../../../../../src/days.js';
import { learnChange } from '../../../../../src/ml/features/prior/clock/learn-change.js';
import { learnPurchaseClock } from '../../../../../src/ml/features/prior/clock/learn-purchase-clock.js';
import { rowsOf } from '../../../../../src/ml/features/prior/rfm-summary.js';
import { predictPriorBatch } from '../../../../../src/ml/features/prior/predict-prior.js';
import { sum } from '../../../../../src/math.js';
import type { PaceChange } from '../../../../../src/ml/features/prior/clock/shop-clock.js';
import { asOf, expectedShop, horizon, now, type Pace, pacedShop } from './paced-shop.js';
import { fitted } from '../shops.js';

const slowerSince =
  (ago: number, times: number): Pace =>
  (day) =>
    day < -ago ? 1 : times;

/** Busy in December and, half as much, in November. */
const seasonal: Pace = (day) =>
  [...Array.from({ length: 10 }, () => 0.4), 0.6, 0.8][new Date((now + day) * dayMs).getUTCMonth()]!;

const calendar = { season: null, pace: null };

function changeOf(pace: Pace, days: number, acquiredDays = days) {
  const { columns, repeats } = pacedShop(pace, acquiredDays, days);
  return learnChange(calendar, { columns, repeats, asOf });
}

const expectedChange = (...shop: Parameters<typeof expectedShop>) => learnChange(calendar, expectedShop(...shop));

/** Busy from the middle of one month to that of the next, every year. */
const yearly =
  (times: number): Pace =>
  (day) =>
    (day + 4 * wholeYearDays) % wholeYearDays >= 330 && (day + 4 * wholeYearDays) % wholeYearDays < 360 ? times : 1;

const between =
  (from: number, to: number, times: number): Pace =>
  (day) =>
    day >= -from && day < -to ? times : 1;

describe('the fall of a pace', () => {
  it.each([
    { ago: 120, times: 0.4, days: 900, without: 1.15 },
    { ago: 300, times: 0.55, days: 1_000, without: 1.05 },
  ])('is found where everybody buys $times times as often since $ago days', ({ ago, times, days, without }) => {
    const { columns, repeats, next } = pacedShop(slowerSince(ago, times), days, days);
    const clock = learnPurchaseClock({ columns, repeats, asOf });
    expect(clock.season).toBeNull();
    expect(Math.abs(now - clock.pace!.day - ago)).toBeLessThanOrEqual(15);
    expect(Math.abs(times * clock.pace!.before - 1)).toBeLessThan(0.1);
    const expected = (pace: typeof clock.pace) => {
      const prior = fitted(columns, { ...clock, pace, asOf }).parameters;
      return sum(predictPriorBatch(prior, columns, horizon, asOf).expectedPurchases);
    };
    expect(expected(null) / next).toBeGreaterThan(without);
    expect(Math.abs(expected(clock.pace) / next - 1)).toBeLessThan(0.05);
  });

  it('is found beside a season', () => {
    const { columns, repeats } = pacedShop((...at) => seasonal(...at) * slowerSince(200, 0.5)(...at), 1_000, 1_000);
    const clock = learnPurchaseClock({ columns, repeats, asOf });
    expect(Math.abs(now - clock.pace!.day - 200)).toBeLessThanOrEqual(4);
    expect(Math.abs(0.5 * clock.pace!.before - 1)).toBeLessThan(0.15);
    expect(clock.season![11]! / clock.season![5]!).toBeGreaterThan(1.6);
  });

  it('is found before other parts of the clock are known', () => {
    const change = changeOf(slowerSince(150, 0.4), 900) as { readonly pace: PaceChange };
    expect(Math.abs(now - change.pace.day - 150)).toBeLessThanOrEqual(14);
    expect(Math.abs(0.4 * change.pace.before - 1)).toBeLessThan(0.2);
  });

  it('is not looked for before each month was seen twice, nor in one cohort', () => {
    expect(expectedChange(slowerSince(150, 0.4), 740)).toHaveProperty('pace');
    expect(expectedChange(slowerSince(150, 0.4), 725)).toBeNull();
    expect(expectedChange(slowerSince(150, 0.4), 900, { acquiredPart: 0.6 })).toHaveProperty('pace');
    expect(expectedChange(slowerSince(150, 0.4), 900, { acquiredPart: 0.54 })).toBeNull();
  });

  it('is no smaller change, be it beside customers who are worse the later they come', () => {
    expect(changeOf(slowerSince(150, 0.88), 900)).toBeNull();
    const worse: Pace = (day, tenure) => 0.6 ** ((day - tenure) / 900);
    const beside = (times: number) => expectedChange((...at) => worse(...at) * slowerSince(150, times)(...at), 900);
    expect(beside(0.6)).toHaveProperty('pace');
    expect(beside(0.9)).toBeNull();
  });

  it('is not read out of a quiet time that has lasted for two months', () => {
    expect(changeOf(between(60, 0, 0.2), 900)).toBeNull();
  });

  it('is not read out of newcomers who buy less often than those who came before', () => {
    expect(changeOf((day, tenure) => (day - tenure >= -200 ? 0.1 : 1), 900)).toBeNull();
  });

  it('is not read out of customers who buy less often the later they come', () => {
    expect(changeOf((day, tenure) => 0.3 ** (1 + (day - tenure) / 900), 900)).toBeNull();
  });

  it('is not found where nobody is known to have come before it', () => {
    // The first half of the year before last brought customers, and the last year.
    const { columns, repeats } = pacedShop(() => 1, 900, 900);
    const isKept = (age: number) => age > 700 || age < 400;
    const kept = Array.from(columns.age.keys()).filter((i) => isKept(columns.age[i]!));
    const seen = {
      columns: rowsOf(columns, kept),
      repeats: repeats.filter(({ firstDay }) => isKept(now - firstDay)),
      asOf,
    };
    expect(learnChange(calendar, seen)).toBeNull();
  });
});

describe('a busy or quiet time that is over', () => {
  it.each([
    { kind: 'quiet', from: 200, to: 80, times: 0.2 },
    { kind: 'busy', from: 150, to: 90, times: 2.5 },
  ])('is found beside a season, and not expected to come again: a $kind one', ({ from, to, times }) => {
    const { columns, repeats, next } = pacedShop(
      (...at) => 0.8 * seasonal(...at) * between(from, to, times)(...at),
      900,
      900,
    );
    const clock = learnPurchaseClock({ columns, repeats, asOf });
    expect(clock.pace).toBeNull();
    expect(clock.season![11]! / clock.season![5]!).toBeGreaterThan(1.6);
    expect(Math.abs(now - clock.surge!.from - from)).toBeLessThanOrEqual(4);
    expect(Math.abs(now - clock.surge!.to - to)).toBeLessThanOrEqual(4);
    expect(Math.abs(clock.surge!.times / times - 1)).toBeLessThan(0.2);
    const prior = fitted(columns, { ...clock, asOf }).parameters;
    const expected = sum(predictPriorBatch(prior, columns, horizon, asOf).expectedPurchases);
    expect(Math.abs(expected / next - 1)).toBeLessThan(0.1);
  });

  it.each([3, 0.2])('is none where other years have the same days like that: %d times as many', (times) => {
    expect(expectedChange(yearly(times), 1_000)).toBeNull();
  });

  it('is none where no other year has the same days', () => {
    expect(expectedChange(between(400, 330, 0.1), 740)).toHaveProperty('surge');
    expect(expectedChange(between(330, 250, 0.1), 740)).toBeNull();
  });

  it('is none if a few purchases make it', () => {
    const { columns, repeats } = pacedShop(() => 0.2, 900, 900);
    for (let part = 0; part < 9; part++) {
      const isKept = (age: number) => age % 9 === part;
      const kept = Array.from(columns.age.keys()).filter((i) => isKept(columns.age[i]!));
      const few = repeats.filter(({ firstDay }) => isKept(now - firstDay));
      expect(learnChange(calendar, { columns: rowsOf(columns, kept), repeats: few, asOf })).toBeNull();
    }
  });

  it('is none if it is not much busier', () => {
    expect(changeOf(between(200, 100, 1.6), 900)).toBeNull();
  });
});

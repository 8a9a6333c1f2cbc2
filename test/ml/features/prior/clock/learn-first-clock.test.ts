import { describe, expect, it } from 'vitest';
import { sum } from '../../../../../src/math.js';
import { learnFirstClock } from '../../../../../src/ml/features/prior/clock/learn-first-clock.js';
import { predictPriorBatch } from '../../../../../src/ml/features/prior/predict-prior.js';
import { asOf, busyUntil, horizon, now, type Pace, pacedShop, risen, together, winter } from './paced-shop.js';
import { fitted } from '../shops.js';

const calendar = { season: null, pace: null };

function learn(pace: Pace, days: number) {
  const { columns, repeats, next } = pacedShop(pace, days, days);
  const clock = learnFirstClock(calendar, { columns, repeats, asOf });
  const prior = fitted(columns, { ...clock, earlyGain: 0, asOf }).parameters;
  return { clock, expected: sum(predictPriorBatch(prior, columns, horizon, asOf).expectedPurchases) / next };
}

const early: Pace = (_, tenure) => (tenure <= 30 ? 1 : 0.25);

describe('season and rise of pace in little more than a year', () => {
  it.each([
    { ago: 84, times: 4, days: 440 },
    { ago: 140, times: 3, days: 380 },
    // No day of the year was seen twice.
    { ago: 100, times: 2, days: 360 },
  ])('are told apart where there is a rise alone, $ago days ago in $days', ({ ago, times, days }) => {
    const { clock, expected } = learn(risen(ago, times), days);
    expect(clock.season).toBeNull();
    expect(Math.abs(now - clock.pace!.day - ago)).toBeLessThanOrEqual(3);
    expect(Math.abs(times * clock.pace!.before - 1)).toBeLessThan(0.1);
    expect(Math.abs(expected - 1)).toBeLessThan(0.05);
  });

  it.each([
    { ago: 150, times: 2.5, busyUntilAgo: 260, days: 440 },
    { ago: 90, times: 3, busyUntilAgo: 300, days: 400 },
  ])('are both found, with a rise $ago days ago in $days', ({ ago, times, busyUntilAgo, days }) => {
    const { clock, expected } = learn(together(risen(ago, times), busyUntil(busyUntilAgo)), days);
    expect(clock.season).not.toBeNull();
    expect(Math.abs(now - clock.pace!.day - ago)).toBeLessThanOrEqual(4);
    expect(Math.abs(expected - 1)).toBeLessThan(0.15);
  });

  it.each([
    { name: 'as sharp as a rise', pace: winter },
    { name: 'that is just over', pace: busyUntil(10) },
  ])('are no rise where there is a season $name', ({ pace }) => {
    const { clock, expected } = learn(pace, 400);
    expect(clock.season).not.toBeNull();
    expect(clock.pace).toBeNull();
    expect(Math.abs(expected - 1)).toBeLessThan(0.05);
  });

  it('are neither where both explain the purchases as well', () => {
    expect(learn(risen(120, 1.6), 400).clock).toEqual(calendar);
  });

  it('are neither where customers buy more often at first, which hides a season', () => {
    expect(learn(together(early, winter), 400).clock).toEqual(calendar);
  });

  it('are a rise there if days of two years tell it', () => {
    const { pace } = learn(together(early, risen(98, 2.5)), 440).clock;
    expect(Math.abs(now - pace!.day - 98)).toBeLessThanOrEqual(3);
  });
});

import { describe, expect, it } from 'vitest';
import { learnPurchaseClock } from '../../../../../src/ml/features/prior/clock/learn-purchase-clock.js';
import { predictPriorBatch } from '../../../../../src/ml/features/prior/predict-prior.js';
import { asOf, busyUntil, horizon, now, type Pace, pacedShop, risen, together } from './paced-shop.js';
import { fitted } from '../shops.js';

function learn(pace: Pace, days: number) {
  const { columns, repeats, next } = pacedShop(pace, days, days);
  const clock = learnPurchaseClock({ columns, repeats, asOf });
  const { expectedPurchases } = predictPriorBatch(
    fitted(columns, { ...clock, asOf }).parameters,
    columns,
    horizon,
    asOf,
  );
  return { clock, expected: expectedPurchases.reduce((sum, each) => sum + each, 0) / next };
}

/** Who comes on the last day of so many buys and stays so many times as much as who came on the first one. */
const cohorts =
  (days: number, times: number): Pace =>
  (day, tenure, customer) => {
    const quality = times ** ((day - tenure) / days);
    const lifetime = -120 * quality * Math.log(1 - ((customer * 0.618034) % 1));
    return tenure > lifetime ? 0 : quality;
  };

describe('a season and a rise of pace', () => {
  it.each([
    { ago: 330, times: 3, days: 1_000 },
    { ago: 280, times: 3, days: 600 },
  ])('are told apart where there is a rise alone, $ago days ago in $days', ({ ago, times, days }) => {
    const { clock, expected } = learn(risen(ago, times), days);
    expect(clock.season).toBeNull();
    expect(Math.abs(now - clock.pace!.day - ago)).toBeLessThanOrEqual(4);
    expect(Math.abs(expected - 1)).toBeLessThan(0.15);
  });

  it.each([
    { ago: 280, times: 3, busyUntilAgo: 40, days: 1_000 },
    // The busy months since then are no surge that is over.
    { ago: 100, times: 3, busyUntilAgo: 40, days: 1_100 },
    // In the busy months: the years seem to agree on no season, or the rise to be another day's.
    { ago: 95, times: 3, busyUntilAgo: 55, days: 760 },
    { ago: 95, times: 2, busyUntilAgo: 55, days: 1_000 },
  ])('are both found, with a rise $ago days ago in $days', ({ ago, times, busyUntilAgo, days }) => {
    const { clock, expected } = learn(together(risen(ago, times), busyUntil(busyUntilAgo)), days);
    expect(clock.surge).toBeUndefined();
    expect(Math.max(...clock.season!.slice(9, 11))).toBeGreaterThan(1.4);
    expect(Math.min(...clock.season!)).toBeGreaterThan(0.5);
    expect(Math.abs(now - clock.pace!.day - ago)).toBeLessThanOrEqual(7);
    expect(Math.abs(expected - 1)).toBeLessThan(0.15);
  });

  it.each([
    { ago: 98, times: 1.6, busyUntilAgo: 120, days: 600 },
    { ago: 126, times: 1.7, busyUntilAgo: 130, days: 560 },
  ])(
    'are both found, with a small rise in quiet months $ago days ago in $days',
    ({ ago, times, busyUntilAgo, days }) => {
      const { clock, expected } = learn(together(risen(ago, times), busyUntil(busyUntilAgo)), days);
      expect(clock.season).not.toBeNull();
      expect(Math.abs(now - clock.pace!.day - ago)).toBeLessThanOrEqual(3);
      expect(Math.abs(times * clock.pace!.before - 1)).toBeLessThan(0.1);
      expect(Math.abs(expected - 1)).toBeLessThan(0.15);
    },
  );

  it.each([
    { days: 600, times: 1 / 3 },
    { days: 1_000, times: 1 / 3 },
    { days: 600, times: 3 },
    { days: 1_000, times: 3 },
  ])(
    'are neither where customers of the last of $days days are $times times as good as the first',
    ({ days, times }) => {
      const { clock } = learn(cohorts(days, times), days);
      expect(clock.season).toBeNull();
      expect(clock.pace).toBeNull();
    },
  );

  it('are a season where there is one, though later customers are worse', () => {
    const { clock } = learn(together(cohorts(1_000, 1 / 3), busyUntil(40)), 1_000);
    expect(Math.max(...clock.season!)).toBeGreaterThan(1.2);
    expect(clock.pace).toBeNull();
    // That fewer come back from year to year does not move it to the month of the as-of date.
    expect(clock.season!.indexOf(Math.max(...clock.season!))).toBe(10);
  });
});

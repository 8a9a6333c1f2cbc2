import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../../../src/days.js';
import { regressedRise } from '../../../../../src/ml/features/prior/clock/regressed-rise.js';
import { expectedShop, now, type Pace, risen, together } from './paced-shop.js';

/** Busy in December and, half as much, in November. */
const seasonal: Pace = (day) =>
  [...Array.from({ length: 10 }, () => 0.4), 0.6, 0.8][new Date((now + day) * dayMs).getUTCMonth()]!;

const calendar = { season: null, pace: null };
const riseOf = (...shop: Parameters<typeof expectedShop>) => regressedRise(calendar, expectedShop(...shop));

describe('the rise of a pace, by regression', () => {
  it.each([
    { ago: 98, times: 1.5, days: 420, before: 0.5 },
    { ago: 154, times: 4, days: 500, before: 0.25 },
    { ago: 98, times: 4, days: 1_000, before: 0.25 },
  ])('is found where everybody buys $times times as often since $ago of $days days', ({ ago, times, days, before }) => {
    for (const pace of [risen(ago, times), together(risen(ago, times), seasonal)]) {
      const rise = riseOf(pace, days)!;
      expect(Math.abs(now - rise.day - ago)).toBeLessThanOrEqual(7);
      expect(rise.before).toBe(before);
    }
  });

  it('is not read out of a season', () => {
    expect(riseOf(seasonal, 420)).toBeNull();
    expect(riseOf(seasonal, 600)).toBeNull();
  });

  it('is not read out of customers who are better the later they come, nor of better newcomers', () => {
    expect(riseOf((day, tenure) => 3 ** ((day - tenure) / 600), 600)).toBeNull();
    expect(riseOf((day, tenure) => (day - tenure >= -200 ? 2 : 1), 600)).toBeNull();
  });

  it('is no small one, nor one of a few purchases', () => {
    expect(riseOf(risen(98, 1.2), 600)).toBeNull();
    expect(riseOf(risen(98, 2), 600, { customers: 0.01 })).toBeNull();
    expect(riseOf(risen(98, 2), 600, { customers: 5 })).not.toBeNull();
  });

  it('is not looked for in one cohort', () => {
    expect(riseOf(risen(98, 2), 600, { acquiredPart: 0.6 })).not.toBeNull();
    expect(riseOf(risen(98, 2), 600, { acquiredPart: 0.54 })).toBeNull();
  });
});

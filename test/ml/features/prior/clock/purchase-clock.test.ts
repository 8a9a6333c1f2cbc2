import { describe, expect, it } from 'vitest';
import {
  logSpeedAt,
  type PurchaseClock,
  timeSinceFirst,
} from '../../../../../src/ml/features/prior/clock/purchase-clock.js';

describe('the clock of purchases', () => {
  const firstDay = 10_000;
  const clock: PurchaseClock = { season: null, pace: { day: firstDay + 40, before: 0.5 }, earlyGain: 1.5 };

  it.each([
    ['new customers buy more often, and the pace has risen', clock],
    ['the pace has risen', { ...clock, earlyGain: 0 }],
    ['the pace has risen evenly', { ...clock, pace: { day: firstDay + 20, before: 0.5, until: firstDay + 50 } }],
    ['new customers buy more often', { ...clock, pace: null }],
    ['a surge came between two of the days', { ...clock, surge: { from: firstDay + 20, to: firstDay + 50, times: 3 } }],
  ])('runs as fast as its time grows, where %s', (_case, of) => {
    for (const day of [firstDay + 5, firstDay + 30, firstDay + 60]) {
      const at = (time: number) => timeSinceFirst(of, firstDay, time);
      const speed = (at(day + 0.01) - at(day - 0.01)) / 0.02;
      expect(logSpeedAt(of, firstDay, day)).toBeCloseTo(Math.log(speed), 5);
    }
  });
});

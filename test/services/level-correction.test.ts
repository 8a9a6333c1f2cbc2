import { describe, expect, it } from 'vitest';
import { levelCorrection, levelShift, noCorrection } from '../../src/services/level-correction.js';

describe('the level correction', () => {
  const correction = levelCorrection([60, 60], [40, 60], 100);

  it('is the ratio of the sums', () => expect(correction).toEqual({ ratio: 1.2, horizonDays: 100 }));

  it('leaves horizons that were learnt alone', () => {
    expect(levelShift(correction, 30)).toBe(0);
    expect(levelShift(correction, 100)).toBe(0);
    expect(levelShift(noCorrection, 3_650)).toBe(0);
  });

  it('applies to the learnt part of a longer horizon only', () => {
    // 100 of 400 days at 1.2 times the prior, 300 at the prior's level: 1.05 times in all, instead of 1.2.
    expect(Math.exp(levelShift(correction, 400))).toBeCloseTo(1.05 / 1.2, 12);
  });

  it('does nothing where there is nothing to compare', () => {
    expect(levelCorrection([], [], 100)).toEqual(noCorrection);
    expect(levelCorrection([1], [0], 100)).toEqual(noCorrection);
  });
});

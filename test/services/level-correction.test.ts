import { describe, expect, it } from 'vitest';
import { levelCalibration, levelCorrection, levelShift, noCorrection } from '../../src/services/level-correction.js';

describe('the level correction', () => {
  const correction = levelCorrection([60, 60], [40, 60], { calibration: 0, horizonDays: 100 });

  it('is the ratio of the sums', () => expect(correction).toEqual({ calibration: 0, ratio: 1.2, horizonDays: 100 }));

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
    expect(levelCorrection([], [], { calibration: 0, horizonDays: 100 })).toEqual(noCorrection);
    expect(levelCorrection([1], [0], { calibration: 0, horizonDays: 100 })).toEqual(noCorrection);
  });
});

describe('the level calibration', () => {
  it('is the log of the ratio of totals where chance cannot have made it', () => {
    const predicted = Array.from({ length: 10_000 }, () => 10);
    expect(
      levelCalibration(predicted.map((value) => ({ actual: value * 1.1, predicted: value, weight: 1 }))),
    ).toBeCloseTo(Math.log(1.1), 3);
  });

  it('is drawn towards nothing where chance may have', () => {
    // One customer of four spent all: ln(1.25) = 0.223, with a standard error of about 1.1.
    expect(levelCalibration([5, 0, 0, 0].map((actual) => ({ actual, predicted: 1, weight: 1 })))).toBeCloseTo(
      0.223 * (0.0498 / (0.0498 + 19 / 16)),
      3,
    );
  });

  it('is part of the shift at every horizon', () => {
    const correction = levelCorrection([60, 60], [40, 60], { calibration: 0.1, horizonDays: 100 });
    expect(levelShift(correction, 30)).toBe(0.1);
    expect(levelShift(correction, 400)).toBeCloseTo(0.1 + Math.log(1.05 / 1.2), 12);
  });

  it('does nothing without totals', () => {
    expect(levelCalibration([])).toBe(0);
    expect(levelCalibration([-1, 0].map((actual) => ({ actual, predicted: 1, weight: 1 })))).toBe(0);
  });
});

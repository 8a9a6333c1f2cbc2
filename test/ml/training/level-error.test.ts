import { describe, expect, it } from 'vitest';
import { levelQuantile, levelScale } from '../../../src/ml/training/level-error.js';

/** 95 % interval of a bias whose logarithm has this standard error. */
const intervalOf = (error: number, bias = 0) => ({
  lower: (1 + bias) * Math.exp(-1.96 * error) - 1,
  upper: (1 + bias) * Math.exp(1.96 * error) - 1,
});

describe('how sure the level of a model is', () => {
  it('follows how sure the check of it was, whatever it said', () => {
    expect(levelScale(intervalOf(0.1), 1)).toBeCloseTo(Math.hypot(0.06, 0.05), 4);
    expect(levelScale(intervalOf(0.1, 0.5), 1)).toBeCloseTo(levelScale(intervalOf(0.1), 1), 4);
    expect(levelScale(intervalOf(0.2), 1)).toBeCloseTo(Math.hypot(0.06, 0.1), 4);
  });

  it('is never beyond doubt, nor without bounds', () => {
    expect(levelScale(intervalOf(0.0001), 1)).toBeCloseTo(0.06, 4);
    expect(levelScale(null, 1)).toBeCloseTo(Math.hypot(0.06, 0.125), 4);
    expect(levelScale(intervalOf(0.5), 1)).toBe(levelScale(null, 1));
    expect(levelScale({ lower: 1e-100 - 1, upper: 1e100 }, 1)).toBe(levelScale(null, 1));
  });

  it('is less sure for the few than for all', () => {
    const checked = intervalOf(0.1);
    expect(levelScale(checked, 0)).toBeCloseTo(Math.hypot(0.06, 0.05, 0.1), 4);
    expect(levelScale(checked, 1 + 1e-15)).toBe(levelScale(checked, 1));
    expect(levelScale(checked, 0.75)).toBeCloseTo(Math.hypot(0.06, 0.05, 0.05), 4);
  });

  it("is that of Student's t with two degrees of freedom", () => {
    // Within 1.886 in 80 % and within 4.303 in 95 % of all cases.
    for (const [p, distance] of [
      [0.1, -1.886],
      [0.5, 0],
      [0.9, 1.886],
      [0.975, 4.303],
    ] as const) {
      expect(Math.log(levelQuantile(p, 0.1)) / 0.1).toBeCloseTo(distance, 3);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { levelQuantile, levelScale } from '../../../src/ml/training/level-error.js';

/** A check over 90 days of a bias whose logarithm has this standard error. */
const checkOf = (error: number, bias = 0) => ({
  biasInterval: { lower: (1 + bias) * Math.exp(-1.96 * error) - 1, upper: (1 + bias) * Math.exp(1.96 * error) - 1 },
  horizonDays: 90,
});
const ofAll = { share: 1, horizonDays: 90 };

describe('how sure the level of a model is', () => {
  it('follows how sure the check of it was, whatever it said', () => {
    expect(levelScale(checkOf(0.1), ofAll)).toBeCloseTo(Math.hypot(0.06, 0.05), 4);
    expect(levelScale(checkOf(0.1, 0.5), ofAll)).toBeCloseTo(levelScale(checkOf(0.1), ofAll), 4);
    expect(levelScale(checkOf(0.2), ofAll)).toBeCloseTo(Math.hypot(0.06, 0.1), 4);
  });

  it('is never beyond doubt, nor without bounds', () => {
    expect(levelScale(checkOf(0.0001), ofAll)).toBeCloseTo(0.06, 4);
    expect(levelScale(null, ofAll)).toBeCloseTo(Math.hypot(0.06, 0.125), 4);
    expect(levelScale(checkOf(0.5), ofAll)).toBe(levelScale(null, ofAll));
    expect(levelScale({ ...checkOf(0), biasInterval: { lower: 1e-100 - 1, upper: 1e100 } }, ofAll)).toBe(
      levelScale(null, ofAll),
    );
  });

  it('is less sure for the few than for all', () => {
    const checked = checkOf(0.1);
    expect(levelScale(checked, { ...ofAll, share: 0 })).toBeCloseTo(Math.hypot(0.06, 0.05, 0.1), 4);
    expect(levelScale(checked, { ...ofAll, share: 1 + 1e-15 })).toBe(levelScale(checked, ofAll));
    expect(levelScale(checked, { ...ofAll, share: 0.75 })).toBeCloseTo(Math.hypot(0.06, 0.05, 0.05), 4);
  });

  it('is less sure of horizons longer than that of the check, until they are twice as long', () => {
    const checked = checkOf(0.1);
    const scale = (horizonDays: number) => levelScale(checked, { share: 1, horizonDays });
    expect(scale(30)).toBe(scale(90));
    expect(scale(91)).toBeCloseTo(scale(90), 3);
    expect(scale(135)).toBeCloseTo(Math.hypot(0.06, 0.05, 0.04), 4);
    expect(scale(180)).toBeCloseTo(Math.hypot(0.06, 0.05, 0.08), 4);
    expect(scale(900)).toBe(scale(180));
    expect(levelScale({ ...checked, biasInterval: null }, { share: 1, horizonDays: 180 })).toBeCloseTo(
      Math.hypot(0.06, 0.125, 0.08),
      4,
    );
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

import { describe, expect, it } from 'vitest';
import { drawnLevel, levelScale } from '../../../src/ml/training/level-error.js';
import { Random } from '../../../src/random.js';

/** 95 % interval of a bias whose logarithm has this standard error. */
const intervalOf = (error: number, bias = 0) => ({
  lower: (1 + bias) * Math.exp(-1.96 * error) - 1,
  upper: (1 + bias) * Math.exp(1.96 * error) - 1,
});

describe('how sure the level of a model is', () => {
  it('follows how sure the check of it was, whatever it said', () => {
    expect(levelScale(intervalOf(0.1))).toBeCloseTo(Math.hypot(0.06, 0.05), 4);
    expect(levelScale(intervalOf(0.1, 0.5))).toBeCloseTo(levelScale(intervalOf(0.1)), 4);
    expect(levelScale(intervalOf(0.2))).toBeCloseTo(Math.hypot(0.06, 0.1), 4);
  });

  it('is never beyond doubt, nor without bounds', () => {
    expect(levelScale(intervalOf(0.0001))).toBeCloseTo(0.06, 4);
    expect(levelScale(null)).toBeCloseTo(Math.hypot(0.06, 0.125), 4);
    expect(levelScale(intervalOf(0.5))).toBe(levelScale(null));
    expect(levelScale({ lower: 1e-100 - 1, upper: 1e100 })).toBe(levelScale(null));
  });

  it("is that of Student's t with two degrees of freedom", () => {
    const random = new Random('level');
    const draws = Array.from({ length: 20_000 }, () => Math.log(drawnLevel(0.1, random)) / 0.1);
    const within = (distance: number) => draws.filter((draw) => Math.abs(draw) < distance).length / draws.length;
    expect(within(1.886)).toBeCloseTo(0.8, 1);
    expect(within(4.303)).toBeCloseTo(0.95, 2);
  });
});

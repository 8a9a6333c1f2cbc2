import { describe, expect, it } from 'vitest';
import { Random } from '../../../../src/random.js';
import { calibrationSlope } from '../../../../src/ml/training/metrics/calibration-slope.js';

const actual = [0, 12, 0, 40, 95, 3, 0, 230, 18, 60];
const expected = [4, 8, 6, 30, 70, 9, 12, 300, 25, 44];

describe('the calibration slope', () => {
  it("is scikit-learn's, its standard error the sandwich of the same regression in NumPy", () => {
    const { slope, standardError } = calibrationSlope(actual, expected)!;
    // TweedieRegressor(power=1.5, alpha=0, link='log', solver='newton-cholesky') on log(expected).
    expect(slope).toBeCloseTo(1.12179801, 6);
    expect(standardError).toBeCloseTo(0.13014761, 6);
  });

  it('knows no currency', () => {
    const { slope } = calibrationSlope(actual, expected)!;
    const inYen = (amounts: readonly number[]) => amounts.map((amount) => 150 * amount);
    expect(calibrationSlope(inYen(actual), inYen(expected))!.slope).toBeCloseTo(slope, 8);
    expect(calibrationSlope(inYen(actual), expected)!.slope).toBeCloseTo(slope, 8);
  });

  it.each([0.7, 1, 1.4])('is found again where spend goes with the expected value to the power of %d', (power) => {
    const random = new Random(7);
    const values = Array.from({ length: 20_000 }, () => Math.exp(random.normal()));
    const spent = values.map((value) =>
      random.uniform() < 0.4 ? (value ** power / 0.4) * (0.5 + random.uniform()) : 0,
    );
    const { slope, standardError } = calibrationSlope(spent, values)!;
    expect(Math.abs(slope - power)).toBeLessThan(3 * standardError);
    expect(standardError).toBeLessThan(0.02);
  });

  it('counts returns as nothing', () =>
    expect(calibrationSlope([-50, ...actual], [5, ...expected])).toEqual(
      calibrationSlope([0, ...actual], [5, ...expected]),
    ));

  it('is not drawn by a purchase of somebody who was hardly expected to buy', () => {
    const { slope } = calibrationSlope([5, ...actual], [0.5, ...expected])!;
    expect(calibrationSlope([5, ...actual], [1e-9, ...expected])!.slope).toBeCloseTo(slope, 1);
  });

  it.each([
    ['nobody', [], []],
    ['customers who bought nothing', [0, 0, 0], [1, 2, 3]],
    ['expected values that are all the same', [5, 0, 7], [4, 4, 4]],
    ['a single customer', [5], [4]],
    ['spend without expectation', [5, 3], [0, 0]],
  ])('is not to be had from %s', (_, spent, values) => expect(calibrationSlope(spent, values)).toBeNull());
});

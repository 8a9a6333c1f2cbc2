import { describe, expect, it } from 'vitest';
import { minimise } from '../../../../../src/ml/features/prior/fitting/minimise.js';

const wide = { lower: [-10, -10], upper: [10, 10] };

/** Rosenbrock's valley: minimum 0 at (1, 1). */
function rosenbrock(point: Float64Array, gradient: Float64Array): number {
  const [x = 0, y = 0] = point;
  gradient[0] = -2 * (1 - x) - 400 * x * (y - x * x);
  gradient[1] = 200 * (y - x * x);
  return (1 - x) ** 2 + 100 * (y - x * x) ** 2;
}

describe('minimise', () => {
  it('follows a curved valley to its end', () => {
    const minimum = minimise(rosenbrock, [-1.2, 1], wide);
    expect(minimum).toMatchObject({ converged: true, atBound: false });
    expect(minimum.point[0]).toBeCloseTo(1, 5);
    expect(minimum.point[1]).toBeCloseTo(1, 5);
    expect(minimum.iterations).toBeLessThan(60);
  });

  it('stops on the edge of the box where the minimum lies outside, at the best point of the edge', () => {
    const minimum = minimise(rosenbrock, [-1.2, 1], { lower: [-10, -10], upper: [0.5, 10] });
    expect(minimum).toMatchObject({ converged: true, atBound: true });
    expect(minimum.point[0]).toBe(0.5);
    expect(minimum.point[1]).toBeCloseTo(0.25, 6);
  });

  it('takes few steps to the edge, also where the valley leads there at a sharp angle', () => {
    let evaluations = 0;
    const counted = (point: Float64Array, gradient: Float64Array) => {
      evaluations++;
      return rosenbrock(point, gradient);
    };
    const minimum = minimise(counted, [-1.2, 1], { lower: [-10, -10], upper: [10, 0.5] });
    expect(minimum).toMatchObject({ converged: true, atBound: true });
    expect(minimum.point[1]).toBe(0.5);
    expect(evaluations).toBeLessThan(55);
  });

  it('says that it did not converge where there is no slope to trust', () => {
    const misleading = (point: Float64Array, gradient: Float64Array) => {
      gradient[0] = 1;
      return -point[0]!;
    };
    expect(minimise(misleading, [0], { lower: [-1], upper: [1] }).converged).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { pairedGain } from '../../../src/ml/training/paired-gain.js';

describe('the gain of one model over another on the same customers', () => {
  it('is the mean difference, with the standard error of a mean', () => {
    const gain = pairedGain([3, 5, 2, 4], [2, 2, 2, 2]);
    // Differences 1, 3, 0, 2: variance 5 / 3.
    expect(gain.mean).toBe(1.5);
    expect(gain.standardError).toBeCloseTo(Math.sqrt(5 / 3 / 4), 12);
  });

  it('does not grow with what both lose', () => {
    expect(pairedGain([100, 1, 50], [99, 0, 49])).toEqual({ mean: 1, standardError: 0 });
  });

  it('of one customer is of no known certainty, and of none there is none', () => {
    expect(pairedGain([2], [1])).toEqual({ mean: 1, standardError: NaN });
    expect(pairedGain([], []).mean).toBe(0);
  });
});

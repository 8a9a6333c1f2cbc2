import { describe, expect, it } from 'vitest';
import { valueTiers } from '../../../src/ml/training/value-tiers.js';

describe('value tiers', () => {
  it('put "bought nothing" apart and cut the buyers at their median, 80 % and 95 %', () => {
    const { bounds, means } = valueTiers([-3, 0, 0, ...Array.from({ length: 100 }, (_, i) => 100 - i)]);
    expect(bounds).toEqual([1e-9, 51, 81, 96]);
    expect(means).toEqual([-1, 25.5, 65.5, 88, 98]);
  });

  it('are fewer where buyers all spend the same', () => {
    for (const values of [[0, 10, 10, 10], [10]]) {
      expect(valueTiers(values)).toEqual({ bounds: [1e-9, 10], means: [0, 0, 10] });
    }
  });

  it('are two where nobody bought', () => {
    expect(valueTiers([0, -4])).toEqual({ bounds: [1e-9], means: [-2, 0] });
  });
});

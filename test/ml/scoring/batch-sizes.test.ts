import { describe, expect, it } from 'vitest';
import { batchSizes } from '../../../src/ml/scoring/batch-sizes.js';

describe('batch sizes', () => {
  it.each([
    [0, []],
    [1, [8]],
    [8, [8]],
    [10, [8, 8]],
    [20, [32]],
    [36, [32, 8]],
    [50, [64]],
    [64, [64]],
    [100, [64, 32, 8]],
    [400, [64, 64, 64, 64, 64, 64, 8, 8]],
  ])('%i rows', (rows, sizes) => {
    expect(batchSizes(rows)).toEqual(sizes);
  });

  it('hold all rows, and only the last has some to spare', () => {
    for (let rows = 1; rows < 500; rows++) {
      const sizes = batchSizes(rows);
      const all = sizes.reduce((sum, size) => sum + size, 0);
      expect(all).toBeGreaterThanOrEqual(rows);
      expect(all - sizes.at(-1)!).toBeLessThan(rows);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { batchSizes, largestBatch } from '../../../src/ml/scoring/batch-sizes.js';
import { tinyModel } from '../model/support.js';

describe('batch sizes', () => {
  it.each([
    [0, []],
    [1, [8]],
    [8, [8]],
    [10, [16]],
    [17, [32]],
    [20, [32]],
    [36, [32, 8]],
    [50, [64]],
    [64, [64]],
    [100, [64, 32, 8]],
    [400, [64, 64, 64, 64, 64, 64, 16]],
  ])('%i rows', (rows, sizes) => {
    expect(batchSizes(rows)).toEqual(sizes);
  });

  it.each([
    [50, 32, [32, 32]],
    [50, 16, [16, 16, 16, 8]],
    [8, 8, [8]],
    [20, 8, [8, 8, 8]],
  ] as const)('%i rows, no more than %i together', (rows, largest, sizes) => {
    expect(batchSizes(rows, largest)).toEqual(sizes);
  });

  it.each([
    ['the built-in base', 10e6, 512, 32, 64],
    ['the built-in base', 10e6, 512, 64, 32],
    ['the built-in base', 5e6, 512, 64, 16],
    ["MiniLM's size", 10e6, 1_536, 32, 16],
    ["MiniLM's size", 10e6, 1_536, 128, 8],
    ["BERT's size", 10e6, 3_072, 512, 8],
    ["BERT's size", Infinity, 3_072, 512, 64],
  ])(
    '%s in %i bytes, inner layers of %i, %i word pieces: %i rows at most',
    (_, bytes, intermediateSize, length, size) => {
      const numericFeatures = Array.from({ length: 37 }, (_, i) => `f${i}`);
      const spec = { ...tinyModel, encoder: { ...tinyModel.encoder, intermediateSize }, numericFeatures };
      expect(largestBatch({ comfortableBytes: bytes }, spec, length)).toBe(size);
    },
  );

  it.each([64, 16] as const)('of at most %i hold all rows, and only the last has some to spare', (largest) => {
    for (const rows of [...Array.from({ length: 500 }, (_, i) => i + 1), 1_000_001]) {
      const sizes = batchSizes(rows, largest);
      const all = sizes.reduce((sum, size) => sum + size, 0);
      expect(all).toBeGreaterThanOrEqual(rows);
      expect(all - sizes.at(-1)!).toBeLessThan(rows);
    }
  });
});

import { describe, expect, it } from 'vitest';
import type { HostTensor } from '../../../src/ml/engine/engine.js';
import { tokenGroupNames } from '../../../src/ml/scoring/example.js';
import { effectsOn, movedByWords } from '../../../src/ml/scoring/word-effects.js';

const [taste, country, numbers] = (['categories', 'country', 'recency'] as const).map((name) =>
  tokenGroupNames.indexOf(name),
) as [number, number, number];
const table: HostTensor = { shape: [4, 2], dtype: 'float32', data: Float32Array.of(9, 9, 1, 0, 0.5, -2, 0, 4) };
const example = {
  tokenIds: Int32Array.of(0, 3, 1, 2, 3, 1, 0),
  tokenGroups: Uint8Array.of(0, numbers, taste, taste, country, country, 0),
  numeric: new Float32Array(1),
  prior: [0.25, 3] as const,
};

describe('effects of words', () => {
  it('add up over the square root of their number, without special tokens and words that tell numbers', () => {
    expect([...effectsOn(0, table, example)]).toEqual([0, 0, 0.5, 0.25, 0, 0.5, 0]);
    expect(movedByWords(example, table).prior).toEqual([0.25 + (1 + 0.5 + 1) / 2, 3 + (-2 + 4) / 2]);
  });

  it('are whole where there is one word', () => {
    const short = { ...example, tokenIds: Int32Array.of(0, 2), tokenGroups: Uint8Array.of(0, taste) };
    expect([...effectsOn(0, table, short)]).toEqual([0, 0.5]);
  });

  it('leave the prior alone where there are no words, or no effects', () => {
    const silent = { ...example, tokenIds: Int32Array.of(0, 0), tokenGroups: Uint8Array.of(0, 0) };
    expect(movedByWords(silent, table).prior).toEqual([0.25, 3]);
    expect(movedByWords(example, null)).toBe(example);
  });
});

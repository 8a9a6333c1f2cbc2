import { describe, expect, it } from 'vitest';
import { padTokens } from '../../../src/ml/text/tokenizer-batch.js';

describe('padTokens', () => {
  it('pads rows and batch', () => {
    const { tokenIds, tokenMask } = padTokens([Int32Array.of(2, 7, 3), Int32Array.of(2, 3)], {
      batch: 3,
      length: 4,
      pad: 0,
    });
    expect(tokenIds).toEqual({
      shape: [3, 4],
      dtype: 'int32',
      data: Int32Array.of(2, 7, 3, 0, 2, 3, 0, 0, 0, 0, 0, 0),
    });
    // A row that only fills up the batch still attends to one position: a softmax over nothing has no value.
    expect([...tokenMask.data]).toEqual([1, 1, 1, 0, 1, 1, 0, 0, 1, 0, 0, 0]);
  });

  it('refuses a text that is too long', () => {
    expect(() => padTokens([new Int32Array(5)], { batch: 1, length: 4, pad: 0 })).toThrow(
      /5 tokens does not fit into 4/,
    );
  });
});

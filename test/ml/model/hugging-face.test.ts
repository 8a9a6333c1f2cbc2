import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadCheckpoint } from '../../../src/ml/model/checkpoint.js';
import { float32, int32, hiddenStates } from './support.js';

const fixtures = 'test/fixtures/hugging-face';

interface Expected {
  readonly ids: number[][];
  readonly mask: number[][];
  /** `last_hidden_state` [B, L, H] of Python's transformers, rounded to six decimals. */
  readonly hidden: number[][][];
}

const { models } = JSON.parse(await readFile(`${fixtures}/expected.json`, 'utf8')) as {
  models: Record<string, Expected>;
};

describe('hidden states as Python’s transformers compute them', () => {
  it.each(Object.entries(models))('%s', async (name, { ids, mask, hidden }) => {
    const { spec, weights } = await loadCheckpoint(`${fixtures}/${name}`);
    const inputs = {
      ...weights,
      tokenIds: int32([2, 6], (i) => ids.flat()[i] as number),
      tokenMask: float32([2, 6], (i) => mask.flat()[i] as number),
    };
    const output = await hiddenStates(spec, inputs);
    // Hidden states of padding are nobody's business.
    const real = mask.flat();
    const size = spec.hiddenSize;
    const differences = hidden.flat(2).map((value, i) => {
      return real[Math.floor(i / size)] ? Math.abs(value - output[i]!) : 0;
    });
    expect(differences).toHaveLength(2 * 6 * size);
    expect(Math.max(...differences)).toBeLessThan(1e-5);
  });
});

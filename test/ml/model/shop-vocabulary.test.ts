import { expect, it } from 'vitest';
import type { NarrativeSpan } from '../../../src/ml/features/feature-group.js';
import { loadCheckpoint } from '../../../src/ml/model/checkpoint.js';
import { withShopWords } from '../../../src/ml/model/shop-vocabulary.js';

const base = await loadCheckpoint('models/base');
const table = 'embeddings.word_embeddings.weight';
const narratives = (text: string): NarrativeSpan[][] => Array.from({ length: 5 }, () => [{ group: 'basket', text }]);

it('gives each word of a shop in another script a row, the mean of the pieces that it was spelled with', async () => {
  const more = await withShopWords(base, narratives('лампа'));
  expect(more.spec).toEqual({ ...base.spec, vocabSize: base.spec.vocabSize + 1 });
  const { shape, data } = more.weights[table]!;
  const [rows, hidden] = base.weights[table]!.shape as [number, number];
  expect(shape).toEqual([rows + 1, hidden]);
  expect(data.subarray(0, rows * hidden)).toEqual(base.weights[table]!.data);
  const pieces = base.tokenizer.idsOf('лампа');
  expect(pieces).toHaveLength(5);
  const mean = Array.from({ length: hidden }, (_, j) => {
    return pieces.reduce((sum, id) => sum + base.weights[table]!.data[id * hidden + j]!, 0) / pieces.length;
  });
  data.subarray(rows * hidden).forEach((value, j) => expect(value).toBeCloseTo(mean[j]!, 5));
  expect(more.tokenizer.idsOf('лампа')).toEqual([rows]);
});

it('leaves the checkpoint as it is for a shop whose words it spells by syllables', async () => {
  expect(await withShopWords(base, narratives('glass lamp with flowers'))).toBe(base);
});

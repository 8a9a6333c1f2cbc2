import type { HostTensor } from '../engine/engine.js';
import type { NarrativeSpan } from '../features/feature-group.js';
import { createTokenizer } from '../text/load-tokenizer.js';
import { withWords, wordsToLearn } from '../text/shop-words.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { Checkpoint } from './checkpoint.js';
import { wordTable } from './encoder.js';

/**
 * Adds the shop's own words to the checkpoint's vocabulary. Each starts with the mean embedding of the pieces that spelled it.
 * @param narratives of a sample of customers
 */
export async function withShopWords(
  base: Checkpoint,
  narratives: readonly (readonly NarrativeSpan[])[],
): Promise<Checkpoint> {
  const { spec, weights, tokenizer } = base;
  const words = wordsToLearn(tokenizer, narratives);
  const files = words.length > 0 ? withWords(tokenizer.files, words, spec.vocabSize) : null;
  if (!files) return base;
  const vocabSize = spec.vocabSize + words.length;
  return {
    spec: { ...spec, vocabSize },
    weights: { ...weights, [wordTable]: withRows(weights[wordTable]!, tokenizer, words) },
    tokenizer: await createTokenizer(files, "the shop's words", vocabSize),
  };
}

function withRows(
  { shape: [rows, hidden], dtype, data }: HostTensor,
  tokenizer: Tokenizer,
  words: readonly string[],
): HostTensor {
  const width = hidden!;
  const extended = new Float32Array((rows! + words.length) * width);
  extended.set(data);
  for (const [i, word] of words.entries()) {
    const row = extended.subarray((rows! + i) * width, (rows! + i + 1) * width);
    const ids = tokenizer.idsOf(word);
    for (const id of ids) for (let j = 0; j < width; j++) row[j]! += data[id * width + j]! / ids.length;
  }
  return { shape: [rows! + words.length, width], dtype, data: extended };
}

import type { EncoderSpec } from '../../src/ml/model/spec.js';
import { createTokenizer } from '../../src/ml/text/load-tokenizer.js';
import type { Tokenizer } from '../../src/ml/text/tokenizer.js';
import type { NarrativeSpan } from '../../src/ml/features/feature-group.js';
import { alphabet, commonHanzi, commonWords } from './alphabet.js';
import { bertTokenizerFiles } from './tokenizer-files.js';
import { bertWords, trainWordPiece } from './wordpiece-trainer.js';

/** The built-in encoder: as small as two processor cores want it. */
export const baseSpec: EncoderSpec = {
  modelType: 'bert',
  vocabSize: 8192,
  hiddenSize: 128,
  layers: 2,
  heads: 4,
  intermediateSize: 512,
  maxPositions: 256,
  positionOffset: 0,
  typeVocabSize: 2,
  layerNormEps: 1e-12,
  activation: 'gelu',
  padTokenId: 0,
};

/** A common word counts as often as this, whether or not the corpus has it. */
const commonWordCount = 20;

/** A tokenizer whose vocabulary is made for these narratives. */
export async function buildTokenizer(narratives: Iterable<readonly NarrativeSpan[]>): Promise<Tokenizer> {
  const counts = new Map<string, number>();
  const count = (text: string, times: number): void => {
    for (const word of bertWords(text)) counts.set(word, (counts.get(word) ?? 0) + times);
  };
  for (const word of commonWords()) count(word, commonWordCount);
  for (const spans of narratives) for (const span of spans) count(span.text, 1);
  const vocabulary = trainWordPiece(counts, {
    size: baseSpec.vocabSize,
    alphabet: [...alphabet, ...commonHanzi()],
    words: roundNumbers(),
    minFrequency: 2,
  });
  return createTokenizer(bertTokenizerFiles(vocabulary, baseSpec.maxPositions));
}

/** The numbers that narratives are told with, `roundNumber`'s two significant digits: each is one piece. */
function roundNumbers(): string[] {
  const twoDigits = Array.from({ length: 90 }, (_, i) => i + 10);
  return [1, 10, 100, 1_000, 10_000].flatMap((magnitude) => twoDigits.map((number) => String(number * magnitude)));
}

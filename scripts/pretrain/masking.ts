import type { HostTensor } from '../../src/ml/engine/engine.js';
import type { MlmShape } from './mlm-programs.js';
import { padTokens } from '../../src/ml/text/tokenizer-batch.js';
import type { Encoding, SpecialIds } from '../../src/ml/text/tokenizer.js';
import type { Random } from '../../src/random.js';

/** Share of the words that are to be guessed (Devlin et al. 2019: 15 %). */
const maskedShare = 0.15;

/** Shape of a batch of B texts of at most L tokens, with room for the places that `maskBatch` masks in it. */
export function mlmShape(batch: number, length: number): MlmShape {
  return { batch, length, masked: Math.ceil(maskedShare * batch * length) };
}

/**
 * One batch of masked language modelling, with whole words masked: of the words chosen 80 % become [MASK], 10 % a
 * random piece, 10 % stay as they are (Devlin et al. 2019).
 * @returns the data inputs of `mlmProgram`
 */
export function maskBatch(
  rows: readonly Encoding[],
  shape: MlmShape,
  special: SpecialIds,
  vocabSize: number,
  random: Random,
): Record<string, HostTensor> {
  const { batch, length, masked } = shape;
  const { tokenIds, tokenMask } = padTokens(
    rows.map((row) => row.ids),
    { batch, length, pad: special.pad },
  );
  const positions = new Int32Array(masked);
  const targets = new Int32Array(masked);
  const weights = new Float32Array(masked);
  const chosen = random.shuffle(
    rows.flatMap((row, b) => wordsOf(row).map((places) => places.map((l) => b * length + l))),
  );
  const wanted = Math.min(masked, Math.round(maskedShare * rows.reduce((sum, row) => sum + row.ids.length - 2, 0)));
  let count = 0;
  for (const places of chosen) {
    if (count + places.length > wanted) continue;
    const fate = random.uniform();
    for (const place of places) {
      positions[count] = place;
      targets[count] = tokenIds.data[place] as number;
      weights[count] = 1;
      count++;
      if (fate < 0.8) tokenIds.data[place] = special.mask;
      else if (fate < 0.9) tokenIds.data[place] = random.integer(vocabSize);
    }
  }
  return {
    tokenIds,
    tokenMask,
    maskedPositions: { shape: [masked], dtype: 'int32', data: positions },
    maskedTargets: { shape: [masked], dtype: 'int32', data: targets },
    maskedWeights: { shape: [masked], dtype: 'float32', data: weights },
  };
}

/** The columns of each word's pieces; special tokens left out. */
function wordsOf({ tokens }: Encoding): number[][] {
  const words: number[][] = [];
  for (let l = 1; l < tokens.length - 1; l++) {
    if ((tokens[l] as string).startsWith('##')) words.at(-1)?.push(l);
    else words.push([l]);
  }
  return words;
}

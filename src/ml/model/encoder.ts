import { add, concat, gather, slice, type Tensor } from '@tensorflow/tfjs-core';
import {
  type Attention,
  everyPosition,
  paddingBias,
  type Positions,
  selfAttention,
  type Sequence,
} from './attention.js';
import { gpt2Embed, gpt2Encode } from './gpt2.js';
import { activate, layerNorm, linear, weight, type Weights } from './layers.js';
import type { EncoderSpec } from './spec.js';

/**
 * BERT (Devlin et al. 2019, after Vaswani et al. 2017), post-layer-norm, without dropout; GPT-2 branches off (`gpt2.ts`).
 *
 *   words       = wordEmbeddings(weights, tokenIds)            [B, L, H]
 *   embeddings  = embed(weights, spec, words)                  [B, L, H]
 *   hidden      = encode(weights, spec, { x, mask })           [B, S, H], or of some positions
 *
 * The three steps are apart because numeric tokens join between the second and the third, and
 * integrated gradients move along the first.
 */

/** Its rows are the words' embeddings [V, H]. */
export const wordTable = 'embeddings.word_embeddings.weight';

/** Rows of the word table. `tokenIds` int32 [B, L] gives [B, L, H]. */
export function wordEmbeddings(weights: Weights, tokenIds: Tensor): Tensor {
  return gather(weight(weights, wordTable), tokenIds);
}

/** Adds position and segment to word embeddings [B, L, H] and normalises. */
export function embed(weights: Weights, spec: EncoderSpec, words: Tensor): Tensor {
  if (spec.modelType === 'gpt2') return gpt2Embed(weights, words);
  const [, length, hidden] = words.shape as [number, number, number];
  const positions = slice(
    weight(weights, 'embeddings.position_embeddings.weight'),
    [spec.positionOffset, 0],
    [length, hidden],
  );
  let sum = add(words, positions);
  if (spec.typeVocabSize > 0) {
    sum = add(sum, slice(weight(weights, 'embeddings.token_type_embeddings.weight'), [0, 0], [1, hidden]));
  }
  return layerNorm(weights, 'embeddings.LayerNorm', sum, spec.layerNormEps);
}

/**
 * The stack of layers.
 * @param read the R positions that are read of the result, out of all S: the last layer computes no others
 * @returns [B, R, H]
 */
export function encode(
  weights: Weights,
  spec: EncoderSpec,
  sequence: Sequence,
  read: Positions = everyPosition,
): Tensor {
  if (spec.modelType === 'gpt2') return gpt2Encode(weights, spec, sequence, read);
  const { x, mask, loraScale } = sequence;
  const attentionBias = paddingBias(mask);
  let hidden = x;
  for (let i = 0; i < spec.layers; i++) {
    const rows = i === spec.layers - 1 ? read(hidden) : hidden;
    hidden = encoderLayer(weights, spec, `encoder.layer.${i}`, { x: hidden, rows, attentionBias, loraScale });
  }
  return hidden;
}

/**
 * The last layer's output at the positions that `pool` reads: the one that sums the sequence up and the numeric ones.
 * @param sequence of L + F positions, the first L text
 * @returns [B, T + F, H], the first T positions text, T is 0 or 1
 */
export function encodePooled(
  weights: Weights,
  spec: EncoderSpec,
  sequence: Sequence,
  textLength: number,
): { hidden: Tensor; textLength: number } {
  const numbers: Positions = (y) => slice(y, [0, textLength, 0]);
  // In a causal model the last numeric position is the one that sums up.
  if (spec.modelType === 'gpt2') {
    return { hidden: encode(weights, spec, sequence, numbers), textLength: 0 };
  }
  const first: Positions = (y) => slice(y, [0, 0, 0], [y.shape[0] as number, 1, y.shape[2] as number]);
  const read: Positions = (y) => concat([first(y), numbers(y)], 1);
  return { hidden: encode(weights, spec, sequence, read), textLength: 1 };
}

function encoderLayer(weights: Weights, spec: EncoderSpec, name: string, attention: Attention): Tensor {
  const context = selfAttention(weights, spec, `${name}.attention.self`, attention);
  const attended = layerNorm(
    weights,
    `${name}.attention.output.LayerNorm`,
    add(attention.rows, linear(weights, `${name}.attention.output.dense`, context)),
    spec.layerNormEps,
  );
  const inner = activate(linear(weights, `${name}.intermediate.dense`, attended), spec.activation);
  const outer = linear(weights, `${name}.output.dense`, inner);
  return layerNorm(weights, `${name}.output.LayerNorm`, add(attended, outer), spec.layerNormEps);
}

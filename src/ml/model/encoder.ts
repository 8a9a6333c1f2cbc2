import { add, gather, slice, type Tensor } from '@tensorflow/tfjs-core';
import { paddingBias, selfAttention, type Sequence } from './attention.js';
import { attentionOfOne, positionOf } from './attention-of-one.js';
import { gpt2Embed, gpt2Encode, gpt2Summarise } from './gpt2.js';
import { activate, layerNorm, linear, named, type Weights } from './layers.js';
import type { EncoderSpec } from './spec.js';

/**
 * BERT (Devlin et al. 2019, after Vaswani et al. 2017), post-layer-norm, without dropout; GPT-2 branches off (`gpt2.ts`).
 *
 *   words       = wordEmbeddings(weights, tokenIds)            [B, L, H]
 *   embeddings  = embed(weights, spec, words)                  [B, L, H]
 *   hidden      = encode(weights, spec, { x, mask })           [B, S, H], or summarise(…) [B, H]
 *
 * The three steps are apart because numeric tokens join between the second and the third, and
 * integrated gradients move along the first.
 */

/** Name of the table of word embeddings [V, H]. */
export const wordTable = 'embeddings.word_embeddings.weight';

/** Rows of the word table. `tokenIds` int32 [B, L] gives [B, L, H]. */
export function wordEmbeddings(weights: Weights, tokenIds: Tensor): Tensor {
  return gather(named(weights, wordTable), tokenIds);
}

/** Adds position and segment to word embeddings [B, L, H] and normalises. */
export function embed(weights: Weights, spec: EncoderSpec, words: Tensor): Tensor {
  if (spec.modelType === 'gpt2') return gpt2Embed(weights, words);
  const [, length, hidden] = words.shape as [number, number, number];
  const positions = slice(
    named(weights, 'embeddings.position_embeddings.weight'),
    [spec.positionOffset, 0],
    [length, hidden],
  );
  let sum = add(words, positions);
  if (spec.typeVocabSize > 0) {
    sum = add(sum, slice(named(weights, 'embeddings.token_type_embeddings.weight'), [0, 0], [1, hidden]));
  }
  return layerNorm(weights, 'embeddings.LayerNorm', sum, spec.layerNormEps);
}

/**
 * The stack of layers.
 * @returns [B, S, H]
 */
export function encode(weights: Weights, spec: EncoderSpec, sequence: Sequence): Tensor {
  return spec.modelType === 'gpt2'
    ? gpt2Encode(weights, spec, sequence)
    : firstLayers(weights, spec, sequence, spec.layers);
}

/**
 * The sequence in one vector: the last layer's output at [CLS], the first position, or in a causal model at the last position, the only
 * one that sees all others. The last layer computes that position only.
 * @returns [B, H]
 */
export function summarise(weights: Weights, spec: EncoderSpec, sequence: Sequence): Tensor {
  if (spec.modelType === 'gpt2') return gpt2Summarise(weights, spec, sequence);
  const last = spec.layers - 1;
  const x = firstLayers(weights, spec, sequence, last);
  const name = `encoder.layer.${last}`;
  const row = positionOf(x, 0);
  const context = attentionOfOne(weights, spec, `${name}.attention.self`, row, { ...sequence, x });
  return afterAttention(weights, spec, name, row, context);
}

function firstLayers(weights: Weights, spec: EncoderSpec, { x, mask, loraScale }: Sequence, layers: number): Tensor {
  const attentionBias = paddingBias(mask);
  let hidden = x;
  for (let i = 0; i < layers; i++) {
    const name = `encoder.layer.${i}`;
    const attention = { x: hidden, attentionBias, loraScale };
    const context = selfAttention(weights, spec, `${name}.attention.self`, attention);
    hidden = afterAttention(weights, spec, name, hidden, context);
  }
  return hidden;
}

/** The rest of a layer, position by position. @param x, context [..., H] */
function afterAttention(weights: Weights, spec: EncoderSpec, name: string, x: Tensor, context: Tensor): Tensor {
  const attended = layerNorm(
    weights,
    `${name}.attention.output.LayerNorm`,
    add(x, linear(weights, `${name}.attention.output.dense`, context)),
    spec.layerNormEps,
  );
  const inner = activate(linear(weights, `${name}.intermediate.dense`, attended), spec.activation);
  const outer = linear(weights, `${name}.output.dense`, inner);
  return layerNorm(weights, `${name}.output.LayerNorm`, add(attended, outer), spec.layerNormEps);
}

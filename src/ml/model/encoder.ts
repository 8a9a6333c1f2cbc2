import { add, gather, slice, type Tensor } from '@tensorflow/tfjs-core';
import { paddingBias, selfAttention } from './attention.js';
import { gpt2Embed, gpt2Encode } from './gpt2.js';
import { activate, layerNorm, linear, weight, type Weights } from './layers.js';
import type { EncoderSpec } from './spec.js';

/**
 * BERT (Devlin et al. 2019, after Vaswani et al. 2017), post-layer-norm, without dropout; GPT-2 branches off (`gpt2.ts`).
 *
 *   words       = wordEmbeddings(weights, tokenIds)            [B, L, H]
 *   embeddings  = embed(weights, spec, words)                  [B, L, H]
 *   hidden      = encode(weights, spec, embeddings, mask)      [B, S, H]
 *
 * The three steps are apart because numeric tokens join between the second and the third, and
 * integrated gradients move along the first.
 */

/** Rows of the word table. `tokenIds` int32 [B, L] gives [B, L, H]. */
export function wordEmbeddings(weights: Weights, tokenIds: Tensor): Tensor {
  return gather(weight(weights, 'embeddings.word_embeddings.weight'), tokenIds);
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
 * @param x [B, S, H]
 * @param mask float32 [B, S], 1 where there is a token, 0 where there is padding that nobody may look at
 * @param loraScale factor of the adapters' output; undefined where the model has none
 * @returns [B, S, H]
 */
export function encode(weights: Weights, spec: EncoderSpec, x: Tensor, mask: Tensor, loraScale?: number): Tensor {
  if (spec.modelType === 'gpt2') return gpt2Encode(weights, spec, x, mask, loraScale);
  const attentionBias = paddingBias(mask);
  let hidden = x;
  for (let i = 0; i < spec.layers; i++) {
    hidden = encoderLayer(weights, spec, `encoder.layer.${i}`, hidden, attentionBias, loraScale);
  }
  return hidden;
}

function encoderLayer(
  weights: Weights,
  spec: EncoderSpec,
  name: string,
  x: Tensor,
  attentionBias: Tensor,
  loraScale: number | undefined,
): Tensor {
  const context = selfAttention(weights, spec, `${name}.attention.self`, x, attentionBias, loraScale);
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

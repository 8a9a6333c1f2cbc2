import { add, reshape, slice, type Tensor } from '@tensorflow/tfjs-core';
import { causalBias, everyPosition, paddingBias, type Positions, selfAttention, type Sequence } from './attention.js';
import { activate, layerNorm, linear, weight, type Weights } from './layers.js';
import type { EncoderSpec } from './spec.js';

/**
 * GPT-2 (Radford et al. 2019), without dropout: every position sees itself and what stands before it, and layer
 * normalisation comes before each sublayer and once more at the end. Weights have BERT's names where they do the same.
 */

/** Adds learned positions to word embeddings [B, L, H]. */
export function gpt2Embed(weights: Weights, words: Tensor): Tensor {
  const [, length, hidden] = words.shape as [number, number, number];
  return add(words, slice(weight(weights, 'embeddings.position_embeddings.weight'), [0, 0], [length, hidden]));
}

/** The stack of layers; parameters as those of `encode`. */
export function gpt2Encode(
  weights: Weights,
  spec: EncoderSpec,
  { x, mask, loraScale }: Sequence,
  read: Positions,
): Tensor {
  const [batch, length] = x.shape as [number, number, number];
  const pairs = reshape(add(paddingBias(mask), causalBias(length)), [batch, length, length]);
  let hidden = x;
  for (let i = 0; i < spec.layers; i++) {
    const name = `encoder.layer.${i}`;
    const readHere = i === spec.layers - 1 ? read : everyPosition;
    const before = layerNorm(weights, `${name}.attention.LayerNorm`, hidden, spec.layerNormEps);
    const seen = readHere(pairs);
    const attentionBias = reshape(seen, [batch, 1, seen.shape[1] as number, length]);
    const rows = readHere(before);
    const attention = { x: before, rows, attentionBias, loraScale };
    const context = selfAttention(weights, spec, `${name}.attention.self`, attention);
    const attended = add(readHere(hidden), linear(weights, `${name}.attention.output.dense`, context));
    const between = layerNorm(weights, `${name}.intermediate.LayerNorm`, attended, spec.layerNormEps);
    const inner = activate(linear(weights, `${name}.intermediate.dense`, between), spec.activation);
    hidden = add(attended, linear(weights, `${name}.output.dense`, inner));
  }
  return layerNorm(weights, 'encoder.LayerNorm', hidden, spec.layerNormEps);
}

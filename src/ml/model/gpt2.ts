import { add, slice, type Tensor } from '@tensorflow/tfjs-core';
import { causalBias, paddingBias, selfAttention, type Sequence } from './attention.js';
import { attentionOfOne, positionOf } from './attention-of-one.js';
import { activate, layerNorm, linear, named, type Weights } from './layers.js';
import type { EncoderSpec } from './spec.js';

/**
 * GPT-2 (Radford et al. 2019), without dropout: every position sees itself and what stands before it, and layer
 * normalisation comes before each sublayer and once more at the end. Weights have BERT's names where they do the same.
 */

/** Adds learned positions to word embeddings [B, L, H]. */
export function gpt2Embed(weights: Weights, words: Tensor): Tensor {
  const [, length, hidden] = words.shape as [number, number, number];
  return add(words, slice(named(weights, 'embeddings.position_embeddings.weight'), [0, 0], [length, hidden]));
}

/** As `encode`. */
export function gpt2Encode(weights: Weights, spec: EncoderSpec, sequence: Sequence): Tensor {
  const hidden = firstLayers(weights, spec, sequence, spec.layers);
  return layerNorm(weights, 'encoder.LayerNorm', hidden, spec.layerNormEps);
}

/** As `summarise`. */
export function gpt2Summarise(weights: Weights, spec: EncoderSpec, sequence: Sequence): Tensor {
  const last = spec.layers - 1;
  const hidden = firstLayers(weights, spec, sequence, last);
  const name = `encoder.layer.${last}`;
  const x = layerNorm(weights, `${name}.attention.LayerNorm`, hidden, spec.layerNormEps);
  const at = (x.shape[1] as number) - 1;
  const context = attentionOfOne(weights, spec, `${name}.attention.self`, positionOf(x, at), { ...sequence, x });
  const summary = afterAttention(weights, spec, name, positionOf(hidden, at), context);
  return layerNorm(weights, 'encoder.LayerNorm', summary, spec.layerNormEps);
}

function firstLayers(weights: Weights, spec: EncoderSpec, { x, mask, loraScale }: Sequence, layers: number): Tensor {
  const attentionBias = add(paddingBias(mask), causalBias(x.shape[1] as number));
  let hidden = x;
  for (let i = 0; i < layers; i++) {
    const name = `encoder.layer.${i}`;
    const before = layerNorm(weights, `${name}.attention.LayerNorm`, hidden, spec.layerNormEps);
    const attention = { x: before, attentionBias, loraScale };
    const context = selfAttention(weights, spec, `${name}.attention.self`, attention);
    hidden = afterAttention(weights, spec, name, hidden, context);
  }
  return hidden;
}

/** The rest of a layer, position by position. @param x, context [..., H] */
function afterAttention(weights: Weights, spec: EncoderSpec, name: string, x: Tensor, context: Tensor): Tensor {
  const attended = add(x, linear(weights, `${name}.attention.output.dense`, context));
  const between = layerNorm(weights, `${name}.intermediate.LayerNorm`, attended, spec.layerNormEps);
  const inner = activate(linear(weights, `${name}.intermediate.dense`, between), spec.activation);
  return add(attended, linear(weights, `${name}.output.dense`, inner));
}

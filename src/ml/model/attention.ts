import { add, matMul, mul, reshape, softmax, sub, tensor, transpose, type Tensor } from '@tensorflow/tfjs-core';
import { linear, type Weights } from './layers.js';
import { adapt } from './lora.js';
import type { EncoderSpec } from './spec.js';

/** The input of a stack of layers. */
export interface Sequence {
  /** [B, S, H] */
  readonly x: Tensor;
  /** float32 [B, S], 1 where there is a token, 0 where there is padding, which no position attends to. */
  readonly mask: Tensor;
  /** Factor of the adapters' output; undefined where the model has none. */
  readonly loraScale?: number | undefined;
}

/** Added to the scores of pairs that must not see each other: its exponential is 0 in float32. */
const hiddenScore = -1e4;

/**
 * What is added to the attention scores [B, heads, S, S] so that no position attends to padding.
 * @param mask float32 [B, S], 1 where there is a token, 0 where there is padding
 * @returns [B, 1, 1, S]
 */
export function paddingBias(mask: Tensor): Tensor {
  const [batch, length] = mask.shape as [number, number];
  return reshape(mul(sub(mask, 1), -hiddenScore), [batch, 1, 1, length]);
}

/** What is added to the scores so that position i sees positions 0 to i only. [1, 1, S, S] */
export function causalBias(length: number): Tensor {
  const bias = new Float32Array(length * length);
  for (let i = 0; i < length; i++) bias.fill(hiddenScore, i * length + i + 1, (i + 1) * length);
  return tensor(bias, [1, 1, length, length]);
}

interface Attention {
  /** [B, S, H] */
  readonly x: Tensor;
  /** Broadcast over [B, heads, S, S]. */
  readonly attentionBias: Tensor;
  /** As in `Sequence`. */
  readonly loraScale: number | undefined;
}

/**
 * softmax(Q Kᵀ / √d + bias) V in every head; heads side by side again at the end.
 * @returns [B, S, H]
 */
export function selfAttention(
  weights: Weights,
  spec: EncoderSpec,
  name: string,
  { x, attentionBias, loraScale }: Attention,
): Tensor {
  const [batch, length, hidden] = x.shape as [number, number, number];
  const headSize = hidden / spec.heads;
  const split = (y: Tensor): Tensor => transpose(reshape(y, [batch, length, spec.heads, headSize]), [0, 2, 1, 3]);

  const query = split(adapt(weights, `${name}.query`, x, linear(weights, `${name}.query`, x), loraScale));
  const key = split(linear(weights, `${name}.key`, x));
  const value = split(adapt(weights, `${name}.value`, x, linear(weights, `${name}.value`, x), loraScale));

  // Scaling the query instead of the scores: S x d multiplications a head instead of S x S.
  const scores = add(matMul(mul(query, 1 / Math.sqrt(headSize)), key, false, true), attentionBias);
  const context = matMul(softmax(scores), value);
  return reshape(transpose(context, [0, 2, 1, 3]), [batch, length, hidden]);
}

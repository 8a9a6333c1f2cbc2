import { add, matMul, mul, reshape, slice, softmax, sum, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { paddingBias, type Sequence } from './attention.js';
import { linear, named, type Weights } from './layers.js';
import { adapt } from './lora.js';
import type { EncoderSpec } from './spec.js';

/**
 * `selfAttention` of one position, which sees all others but padding. In every head
 *
 *   softmax(q (X Wkᵀ + bk)ᵀ / √d) (X Wvᵀ + bv)  =  (softmax(((q Wk) Xᵀ + q bk) / √d) X) Wvᵀ + bv
 *
 * so that keys and values, two products of S x H x H, need not be computed: the keys' weight is applied to the query, and the values'
 * weight to the weighted mean of X.
 * @param row [B, H], the position that attends
 * @param sequence the positions that it attends to
 * @returns [B, H]
 */
export function attentionOfOne(
  weights: Weights,
  spec: EncoderSpec,
  name: string,
  row: Tensor,
  { x, mask, loraScale }: Sequence,
): Tensor {
  const [batch, length, hidden] = x.shape as [number, number, number];
  const { heads } = spec;
  const ofHeads = headColumns(heads, hidden);
  const query = adapt(weights, `${name}.query`, row, linear(weights, `${name}.query`, row), loraScale);
  // [B heads, H]: each head's part of the query, zero elsewhere.
  const scaled = mul(query, Math.sqrt(heads / hidden));
  const queries = reshape(mul(reshape(scaled, [batch, 1, hidden]), ofHeads), [batch * heads, hidden]);
  const seen = reshape(matMul(queries, named(weights, `${name}.key.weight`)), [batch, heads, hidden]);
  const shift = reshape(sum(mul(queries, named(weights, `${name}.key.bias`)), 1), [batch, heads, 1]);
  const scores = add(add(matMul(seen, x, false, true), shift), reshape(paddingBias(mask), [batch, 1, length]));
  const found = matMul(softmax(scores), x);
  const value = adapt(weights, `${name}.value`, found, linear(weights, `${name}.value`, found), loraScale);
  return sum(mul(value, ofHeads), 1);
}

/** Position `at` of [B, S, H]: [B, H]. */
export function positionOf(x: Tensor, at: number): Tensor {
  const [batch, , hidden] = x.shape as [number, number, number];
  return reshape(slice(x, [0, at, 0], [batch, 1, hidden]), [batch, hidden]);
}

/** [1, heads, H]: 1 in the columns of each head. */
function headColumns(heads: number, hidden: number): Tensor {
  const columns = new Float32Array(heads * hidden);
  for (let head = 0; head < heads; head++) {
    const first = (head * hidden) / heads;
    columns.fill(1, head * hidden + first, head * hidden + first + hidden / heads);
  }
  return tensor(columns, [1, heads, hidden]);
}

import {
  cast,
  clipByValue,
  concat,
  div,
  expandDims,
  greater,
  greaterEqual,
  log,
  logSoftmax,
  maximum,
  mul,
  neg,
  ones,
  softplus,
  square,
  squeeze,
  sub,
  add,
  sum,
  tensor1d,
  zeros,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { halfLogTwoPi } from '../../math.js';
import { column, sigmaMax, sigmaMin } from './head.js';
import type { ModelSpec } from './spec.js';

/** Beyond these a prediction is nonsense anyway; the loss goes flat there instead of infinite. */
const logitLimit = 1e4;
const zLimit = 1e6;
const valueLimit = 1e9;
/** Smallest value whose logarithm is taken; far below a cent in any `valueScale`. */
const smallestValue = 1e-9;

/**
 * Loss of a batch under the model's objective.
 * @param output what `head` returned, [B, n]
 * @param value float32 [B], the label: net spend within the horizon, in units of `valueScale`; may be ≤ 0
 * @param weight float32 [B], ≥ 0; 0 for rows that only fill up the batch
 * @returns scalar, the weighted mean over the batch; 0 if every weight is 0
 */
export function objectiveLoss(spec: ModelSpec, output: Tensor, value: Tensor, weight: Tensor): Tensor {
  return weightedMean(rowLosses(spec, output, value), weight);
}

/** Loss of each row, [B]. */
export function rowLosses(spec: ModelSpec, output: Tensor, value: Tensor): Tensor {
  switch (spec.objective) {
    case 'ZILN':
      return zilnLosses(output, value);
    case 'MSE':
      return squaredErrors(output, value);
    case 'CLASSIFICATION':
      return crossEntropies(output, classOf(value, spec.classBounds ?? []));
  }
}

/**
 * Zero-inflated lognormal negative log-likelihood (Wang, Liu & Miao 2019, "A deep probabilistic model for
 * customer lifetime value prediction", section 3.2): cross-entropy of a purchase at all, and for the buyers
 * the lognormal density of how much. Finite for any finite input.
 * @param output float32 [B, 3] = (logit, μ, σ)
 * @returns float32 [B]
 */
export function zilnLosses(output: Tensor, value: Tensor): Tensor {
  const logit = clipByValue(column(output, 0), -logitLimit, logitLimit);
  const mu = column(output, 1);
  const sigma = clipByValue(column(output, 2), sigmaMin, sigmaMax);
  const y = expandDims(value, 1);
  const buys = cast(greater(y, 0), 'float32');
  const crossEntropy = sub(softplus(logit), mul(buys, logit));
  const logY = log(maximum(y, smallestValue));
  const z = clipByValue(div(sub(logY, mu), sigma), -zLimit, zLimit);
  const lognormal = add(add(logY, log(sigma)), add(mul(square(z), 0.5), halfLogTwoPi));
  return squeeze(add(crossEntropy, mul(buys, lognormal)), [1]);
}

/** (f(xᵢ) − yᵢ)², whose mean over the batch is L(θ). `output` [B, 1], result [B]. */
export function squaredErrors(output: Tensor, value: Tensor): Tensor {
  return square(clipByValue(sub(squeeze(output, [1]), value), -valueLimit, valueLimit));
}

/** −log softmax(logits)[class]. `logits` [B, K], `classes` one-hot float32 [B, K], result [B]. */
function crossEntropies(logits: Tensor, classes: Tensor): Tensor {
  return neg(sum(mul(classes, logSoftmax(clipByValue(logits, -logitLimit, logitLimit))), 1));
}

/** One-hot tier of each value: tier k holds bound k − 1 ≤ value < bound k. `value` [B], result [B, K]. */
export function classOf(value: Tensor, bounds: readonly number[]): Tensor {
  const reached = cast(greaterEqual(expandDims(value, 1), expandDims(tensor1d([...bounds]), 0)), 'float32');
  const rows = value.shape[0];
  return sub(concat([ones([rows, 1]), reached], 1), concat([reached, zeros([rows, 1])], 1));
}

/** Σ wᵢ lᵢ / Σ wᵢ. The weights are normalised first, so that large losses cannot overflow in the sum. */
export function weightedMean(losses: Tensor, weight: Tensor): Tensor {
  return sum(mul(losses, div(weight, maximum(sum(weight), 1e-12))));
}

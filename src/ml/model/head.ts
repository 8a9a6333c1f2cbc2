import {
  add,
  concat,
  exp,
  matMul,
  minimum,
  mul,
  reshape,
  sigmoid,
  slice,
  softmax,
  softplus,
  square,
  sub,
  tensor2d,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { activate, linear, project, named, type Weights } from './layers.js';
import type { ModelSpec } from './spec.js';

/** Bounds of the ZILN scale σ, in natural-log units. Below the first a single sale would dominate the loss. */
export const sigmaMin = 0.1;
export const sigmaMax = 3;
/** softplus⁻¹(1 − sigmaMin): an untrained model has σ = 1. */
const sigmaShift = Math.log(Math.expm1(1 - sigmaMin));
/** Exponents beyond this would overflow float32 on the way; e⁶⁰ is no customer. */
const maxExponent = 60;

/** Width of the head's output: 3 for ZILN, 1 for MSE, the number of tiers for CLASSIFICATION. */
export function outputSize(spec: ModelSpec): number {
  switch (spec.objective) {
    case 'ZILN':
      return 3;
    case 'MSE':
      return 1;
    case 'CLASSIFICATION':
      return (spec.classBounds?.length ?? 0) + 1;
  }
}

/** Width of the two layers that read the numbers alone, whatever the encoder's size. */
export const numbersWidth = 128;

/**
 * Head over the encoder's summary and the numeric features. `head.numbers` moves the prior by the numbers alone; `head.dense`
 * and `head.delta` move the result by text and numbers together. Both last layers start at zero, so that an untrained ZILN or MSE
 * model returns the prior itself.
 *
 * @param summary [B, H], see `summarise`
 * @param numeric [B, F]
 * @param prior float32 [B, 2]: logit of the probability of a purchase within the horizon, and natural log of
 *   the expected value given one (value in units of the label)
 * @returns ZILN [B, 3] = (logit, μ, σ); MSE [B, 1] = value; CLASSIFICATION [B, K] = logits
 */
export function head(weights: Weights, spec: ModelSpec, summary: Tensor, numeric: Tensor, prior: Tensor): Tensor {
  const joint = linear(weights, 'head.dense', concat([summary, numeric], 1));
  const delta = linear(weights, 'head.delta', activate(joint, 'gelu'));
  return moved(weights, spec, add(numbersDelta(weights, numeric), delta), prior);
}

/**
 * The head without any text. Arguments and result as `head`.
 * @param dropout in training: factors of the two inner layers, each [B, numbersWidth], 0 or 1 / (1 - share dropped)
 */
export function numbersHead(
  weights: Weights,
  spec: ModelSpec,
  numeric: Tensor,
  prior: Tensor,
  dropout?: readonly [Tensor, Tensor],
): Tensor {
  return moved(weights, spec, numbersDelta(weights, numeric, dropout), prior);
}

function numbersDelta(weights: Weights, numeric: Tensor, dropout?: readonly [Tensor, Tensor]): Tensor {
  const kept = (x: Tensor, layer: 0 | 1): Tensor => (dropout ? mul(x, dropout[layer]) : x);
  const outer = kept(activate(linear(weights, 'head.numbers.dense', numeric), 'gelu'), 0);
  const inner = kept(activate(linear(weights, 'head.numbers.inner', outer), 'gelu'), 1);
  return linear(weights, 'head.numbers.delta', inner);
}

function moved(weights: Weights, spec: ModelSpec, delta: Tensor, prior: Tensor): Tensor {
  switch (spec.objective) {
    case 'ZILN':
      return zilnHead(delta, prior);
    case 'MSE':
      return mseHead(delta, prior);
    case 'CLASSIFICATION':
      return add(delta, project(prior, named(weights, 'head.prior.weight')));
  }
}

/** μ = log value + δ₂ − σ²/2, so that E[V | V > 0] = exp(μ + σ²/2) is the prior's value times exp(δ₂), whatever σ. */
function zilnHead(delta: Tensor, prior: Tensor): Tensor {
  const logit = add(column(prior, 0), column(delta, 0));
  const sigma = minimum(add(softplus(add(column(delta, 2), sigmaShift)), sigmaMin), sigmaMax);
  const mu = sub(add(column(prior, 1), column(delta, 1)), mul(square(sigma), 0.5));
  return concat([logit, mu, sigma], 1);
}

/** e + (1 + e) δ with e the prior's expected value: a delta in proportion, but not stuck at 0 where e is 0. */
function mseHead(delta: Tensor, prior: Tensor): Tensor {
  const expected = mul(sigmoid(column(prior, 0)), boundedExp(column(prior, 1)));
  return add(expected, mul(add(expected, 1), delta));
}

/**
 * The served quantity: expected value of each customer, in units of the label.
 * ZILN: sigmoid(logit) · exp(μ + σ²/2) (Wang, Liu & Miao 2019). MSE: the value. CLASSIFICATION: Σ softmax_k · mean_k.
 * @param output what `head` returned
 * @returns float32 [B]
 */
export function expectedValue(spec: ModelSpec, output: Tensor): Tensor {
  return reshape(expectedValueColumn(spec, output), [-1]);
}

function expectedValueColumn(spec: ModelSpec, output: Tensor): Tensor {
  switch (spec.objective) {
    case 'ZILN':
      return mul(sigmoid(column(output, 0)), boundedExp(add(column(output, 1), mul(square(column(output, 2)), 0.5))));
    case 'MSE':
      return output;
    case 'CLASSIFICATION':
      return matMul(softmax(output), tensor2d([...(spec.classMeans ?? [])], [outputSize(spec), 1]));
  }
}

function boundedExp(x: Tensor): Tensor {
  return exp(minimum(x, maxExponent));
}

/** Column i of [B, n], as [B, 1]. */
export function column(x: Tensor, i: number): Tensor {
  return slice(x, [0, i], [x.shape[0], 1]);
}

import {
  add,
  customGrad,
  erf,
  exp,
  matMul,
  mean,
  mul,
  relu,
  reshape,
  rsqrt,
  square,
  sub,
  tanh,
  type GradSaveFunc,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { Activation } from './spec.js';

/** Named tensors: the weights of a model, under the names of Hugging Face's BERT. */
export type Weights = Readonly<Record<string, Tensor>>;

/** The tensor of that name. A missing one is a mistake of the program, not of the data. */
export function named<T>(tensors: Readonly<Record<string, T>>, name: string): T {
  const tensor = tensors[name];
  if (!tensor) throw new RangeError(`There is no tensor called ${name}.`);
  return tensor;
}

/** The tensors of these names only. */
export function allNamed<T>(tensors: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, named(tensors, name)]));
}

/** y = x Wᵀ + b with `W` [out, in] as PyTorch stores it. `x` [..., in] gives [..., out]. */
export function linear(weights: Weights, name: string, x: Tensor): Tensor {
  return add(project(x, named(weights, `${name}.weight`)), named(weights, `${name}.bias`));
}

/** x Wᵀ over the last axis. One flat matrix product, whatever the rank of `x`. */
export function project(x: Tensor, w: Tensor): Tensor {
  const inputs = x.shape.at(-1) as number;
  const outputs = w.shape[0];
  if (x.rank === 2) return matMul(x, w, false, true);
  return reshape(matMul(reshape(x, [-1, inputs]), w, false, true), [...x.shape.slice(0, -1), outputs]);
}

/** Layer normalisation over the last axis (Ba, Kiros & Hinton 2016). */
export function layerNorm(weights: Weights, name: string, x: Tensor, epsilon: number): Tensor {
  const centred = sub(x, mean(x, -1, true));
  const variance = mean(square(centred), -1, true);
  const normalised = mul(centred, rsqrt(add(variance, epsilon)));
  return add(mul(normalised, named(weights, `${name}.weight`)), named(weights, `${name}.bias`));
}

/**
 * x Φ(x) (Hendrycks & Gimpel 2016) with Φ = (1 + erf(x / √2)) / 2. Its derivative, Φ + x φ(x), is given explicitly: in terms of
 * u = x / √2 it takes half as many passes over the tensor as automatic differentiation.
 */
const gelu: (x: Tensor) => Tensor = customGrad((x, save) => {
  const u = mul(x as Tensor, Math.SQRT1_2);
  const twicePhi = add(erf(u), 1);
  (save as GradSaveFunc)([u, twicePhi]);
  return {
    value: mul(mul(u, twicePhi), Math.SQRT1_2),
    gradFunc: (dy: Tensor, saved: Tensor[]) => {
      const [u, twicePhi] = saved as [Tensor, Tensor];
      // 2 u exp(−u²) / √π, the factor inside the exponential.
      const slope = mul(u, exp(sub(Math.log(2 / Math.sqrt(Math.PI)), square(u))));
      return mul(mul(dy, 0.5), add(twicePhi, slope));
    },
  };
});

export function activate(x: Tensor, activation: Activation): Tensor {
  switch (activation) {
    case 'gelu':
      return gelu(x);
    case 'gelu_tanh':
      return mul(mul(x, 0.5), add(tanh(mul(add(x, mul(mul(square(x), x), 0.044715)), Math.sqrt(2 / Math.PI))), 1));
    case 'relu':
      return relu(x);
  }
}

import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { at, gradient, where } from './support.js';

/** A gradient that follows from the input alone. */
function fromInput(kernelName: string, derivative: (dy: Tensor, x: Tensor) => Tensor): GradConfig {
  return gradient(kernelName, { inputs: ['x'] }, (dy, saved) => ({ x: () => derivative(dy, at(saved, 0)) }));
}

/** A gradient that follows from the output alone, which saves a second evaluation of the function. */
function fromOutput(kernelName: string, derivative: (dy: Tensor, y: Tensor) => Tensor): GradConfig {
  return gradient(kernelName, { outputs: [true] }, (dy, saved) => ({ x: () => derivative(dy, at(saved, 0)) }));
}

/** A gradient that needs neither. */
function linear(kernelName: string, derivative: (dy: Tensor) => Tensor): GradConfig {
  return gradient(kernelName, {}, (dy) => ({ x: () => derivative(dy) }));
}

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

export const elementwiseGradients: GradConfig[] = [
  linear(tf.Neg, tf.neg),
  linear(tf.Identity, (dy) => tf.cast(dy, 'float32')),
  gradient(tf.Cast, {}, (dy, _saved, attributes) => ({
    // Rounding to an integer is piecewise constant.
    x: () => (attributes['dtype'] === 'float32' ? tf.cast(dy, 'float32') : tf.zeros(dy.shape)),
  })),
  fromInput(tf.Abs, (dy, x) => tf.mul(dy, tf.sign(x))),
  fromInput(tf.Sin, (dy, x) => tf.mul(dy, tf.cos(x))),
  fromInput(tf.Cos, (dy, x) => tf.neg(tf.mul(dy, tf.sin(x)))),
  fromInput(tf.Square, (dy, x) => tf.mul(dy, tf.mul(x, 2))),
  fromInput(tf.Log, (dy, x) => tf.div(dy, x)),
  fromInput(tf.Log1p, (dy, x) => tf.div(dy, tf.add(x, 1))),
  fromInput(tf.Relu, (dy, x) => where(tf.greater(x, 0), dy)),
  fromInput(tf.Softplus, (dy, x) => tf.mul(dy, tf.sigmoid(x))),
  fromInput(tf.Erf, (dy, x) => tf.mul(dy, tf.mul(tf.exp(tf.neg(tf.square(x))), TWO_OVER_ROOT_PI))),
  fromOutput(tf.Exp, (dy, y) => tf.mul(dy, y)),
  fromOutput(tf.Expm1, (dy, y) => tf.mul(dy, tf.add(y, 1))),
  fromOutput(tf.Sqrt, (dy, y) => tf.div(tf.mul(dy, 0.5), y)),
  fromOutput(tf.Rsqrt, (dy, y) => tf.mul(dy, tf.mul(tf.mul(y, tf.square(y)), -0.5))),
  fromOutput(tf.Reciprocal, (dy, y) => tf.mul(dy, tf.neg(tf.square(y)))),
  fromOutput(tf.Sigmoid, (dy, y) => tf.mul(dy, tf.mul(y, tf.sub(1, y)))),
  fromOutput(tf.Tanh, (dy, y) => tf.mul(dy, tf.sub(1, tf.square(y)))),
  gradient(tf.ClipByValue, { inputs: ['x'] }, (dy, saved, attributes) => ({
    x: () => {
      const x = at(saved, 0);
      const inside = tf.logicalAnd(
        tf.greaterEqual(x, attributes['clipValueMin'] as number),
        tf.lessEqual(x, attributes['clipValueMax'] as number),
      );
      return where(inside, dy);
    },
  })),
  gradient(tf.Softmax, { outputs: [true] }, (dy, saved) => ({
    logits: () => {
      const y = at(saved, 0);
      const weighted = tf.mul(dy, y);
      return tf.sub(weighted, tf.mul(tf.sum(weighted, -1, true), y));
    },
  })),
];

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

export const elementwiseGradients: GradConfig[] = [
  gradient(tf.Neg, {}, (dy) => ({ x: () => tf.neg(dy) })),
  fromInput(tf.Square, (dy, x) => tf.mul(dy, tf.mul(x, 2))),
  fromInput(tf.Log, (dy, x) => tf.div(dy, x)),
  fromInput(tf.Relu, (dy, x) => where(tf.greater(x, 0), dy)),
  fromInput(tf.Softplus, (dy, x) => tf.mul(dy, tf.sigmoid(x))),
  fromOutput(tf.Exp, (dy, y) => tf.mul(dy, y)),
  fromOutput(tf.Rsqrt, (dy, y) => tf.mul(dy, tf.mul(tf.mul(y, tf.square(y)), -0.5))),
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

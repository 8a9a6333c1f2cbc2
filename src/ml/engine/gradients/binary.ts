import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { at, gradient, reduceToShape, where } from './support.js';

type Derivative = (dy: Tensor, a: Tensor, b: Tensor) => Tensor;

/** Gradients of both operands, each summed over the axes along which it was broadcast. */
function binary(kernelName: string, derivativeA: Derivative, derivativeB: Derivative): GradConfig {
  return gradient(kernelName, { inputs: ['a', 'b'] }, (dy, saved) => {
    const [a, b] = [at(saved, 0), at(saved, 1)];
    return {
      a: () => reduceToShape(derivativeA(dy, a, b), a.shape),
      b: () => reduceToShape(derivativeB(dy, a, b), b.shape),
    };
  });
}

const pow = gradient(tf.Pow, { inputs: ['a', 'b'], outputs: [true] }, (dy, saved) => {
  const [base, exponent, y] = [at(saved, 0), at(saved, 1), at(saved, 2)];
  return {
    a: () => {
      const power = tf.pow(base, tf.sub(exponent, 1));
      return reduceToShape(tf.mul(dy, tf.mul(exponent, power)), base.shape);
    },
    b: () => {
      // The derivative y * log(base) exists for a positive base only.
      const positive = tf.greater(base, 0);
      const logBase = tf.log(tf.where(positive, base, tf.onesLike(base)));
      return reduceToShape(tf.mul(dy, tf.mul(y, logBase)), exponent.shape);
    },
  };
});

export const binaryGradients: GradConfig[] = [
  binary(
    tf.Add,
    (dy) => dy,
    (dy) => dy,
  ),
  binary(
    tf.Sub,
    (dy) => dy,
    (dy) => tf.neg(dy),
  ),
  binary(
    tf.Multiply,
    (dy, _a, b) => tf.mul(dy, tf.cast(b, 'float32')),
    (dy, a) => tf.mul(dy, tf.cast(a, 'float32')),
  ),
  binary(
    tf.RealDiv,
    (dy, _a, b) => tf.div(dy, tf.cast(b, 'float32')),
    (dy, a, b) => tf.neg(tf.div(tf.mul(dy, tf.cast(a, 'float32')), tf.square(tf.cast(b, 'float32')))),
  ),
  // A tie gives the gradient to the first operand, as TensorFlow.js does.
  binary(
    tf.Maximum,
    (dy, a, b) => where(tf.greaterEqual(a, b), dy),
    (dy, a, b) => where(tf.less(a, b), dy),
  ),
  binary(
    tf.Minimum,
    (dy, a, b) => where(tf.lessEqual(a, b), dy),
    (dy, a, b) => where(tf.greater(a, b), dy),
  ),
  binary(
    tf.SquaredDifference,
    (dy, a, b) => tf.mul(dy, tf.mul(tf.sub(a, b), 2)),
    (dy, a, b) => tf.mul(dy, tf.mul(tf.sub(b, a), 2)),
  ),
  pow,
  gradient(tf.Select, { inputs: ['condition'] }, (dy, saved) => {
    const condition = at(saved, 0);
    return {
      condition: () => tf.zeros(condition.shape),
      t: () => where(condition, dy),
      e: () => where(tf.logicalNot(condition), dy),
    };
  }),
  {
    kernelName: tf.AddN,
    saveAllInputs: true,
    gradFunc: (dy, saved) => Object.fromEntries(saved.map((_, index) => [index, () => tf.clone(dy as Tensor)])),
  },
];

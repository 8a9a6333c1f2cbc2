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
    tf.Minimum,
    (dy, a, b) => where(tf.lessEqual(a, b), dy),
    (dy, a, b) => where(tf.greater(a, b), dy),
  ),
];

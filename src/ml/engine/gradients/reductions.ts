import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { at, gradient, type Attributes } from './support.js';

function keepDims(y: Tensor, x: Tensor, axis: Attributes[string] | undefined): Tensor {
  const axes = tf.util.parseAxisParam(axis as number | number[], x.shape);
  return tf.reshape(
    y,
    x.shape.map((length, i) => (axes.includes(i) ? 1 : length)),
  );
}

export const reductionGradients: GradConfig[] = [
  gradient(tf.Sum, { inputs: ['x'] }, (dy, saved, attributes) => ({
    x: () => tf.broadcastTo(keepDims(dy, at(saved, 0), attributes['axis']), at(saved, 0).shape),
  })),
  gradient(tf.Mean, { inputs: ['x'] }, (dy, saved, attributes) => ({
    x: () => {
      const x = at(saved, 0);
      // Scaled before it is spread, so that the division touches as few elements as there are means.
      const share = tf.mul(keepDims(dy, x, attributes['axis']), dy.size / x.size);
      return tf.broadcastTo(share, x.shape);
    },
  })),
];

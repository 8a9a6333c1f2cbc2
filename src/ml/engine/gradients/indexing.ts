import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { at, gradient } from './support.js';

/** Adds the rows of `dy` up where their indices say; rows that were never gathered get zero. */
function scatterGradient(dy: Tensor, x: Tensor, indices: Tensor): Tensor {
  const rows = tf.reshape(dy, [indices.size, ...x.shape.slice(1)]);
  const ids = tf.reshape(indices, [indices.size]) as tf.Tensor1D;
  return tf.unsortedSegmentSum(rows, ids, x.shape[0] ?? 1);
}

export const indexingGradients: GradConfig[] = [
  gradient(tf.GatherV2, { inputs: ['x', 'indices'] }, (dy, saved, attributes) => {
    if (attributes['axis'] !== 0) throw new Error('gather: it has a gradient along axis 0 only');
    return { x: () => scatterGradient(dy, at(saved, 0), at(saved, 1)) };
  }),
];

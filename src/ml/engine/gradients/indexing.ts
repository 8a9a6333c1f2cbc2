import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { at, gradient } from './support.js';

/** Moves `axis` of a tensor to the front, keeping the order of the others. */
function axisToFront(rank: number, axis: number): number[] {
  return [axis, ...Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis)];
}

/** Adds the rows of `dy` up where their indices say; rows that were never gathered get zero. */
function scatterGradient(dy: Tensor, x: Tensor, indices: Tensor, axis: number): Tensor {
  const outer = x.shape.slice(0, axis);
  const inner = x.shape.slice(axis + 1);
  const rows = tf.reshape(dy, [...outer, indices.size, ...inner]);
  const ids = tf.reshape(indices, [indices.size]) as tf.Tensor1D;
  const segments = x.shape[axis] ?? 1;
  if (axis === 0) return tf.unsortedSegmentSum(rows, ids, segments);
  const perm = axisToFront(x.rank, axis);
  const summed = tf.unsortedSegmentSum(tf.transpose(rows, perm), ids, segments);
  return tf.transpose(summed, tf.backend_util.getUndoAxesPermutation(perm));
}

export const indexingGradients: GradConfig[] = [
  gradient(tf.GatherV2, { inputs: ['x', 'indices'] }, (dy, saved, attributes) => {
    const [x, indices] = [at(saved, 0), at(saved, 1)];
    if (attributes['batchDims'] !== 0)
      throw new Error('gather: batchDims has no gradient here; gather from axis 0 instead');
    const axis = tf.util.parseAxisParam(attributes['axis'] as number, x.shape)[0] ?? 0;
    return { x: () => scatterGradient(dy, x, indices, axis) };
  }),
];

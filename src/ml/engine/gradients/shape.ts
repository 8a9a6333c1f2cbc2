import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { at, gradient } from './support.js';

export const shapeGradients: GradConfig[] = [
  gradient(tf.Reshape, { inputs: ['x'] }, (dy, saved) => ({ x: () => tf.reshape(dy, at(saved, 0).shape) })),
  gradient(tf.ExpandDims, { inputs: ['input'] }, (dy, saved) => ({ input: () => tf.reshape(dy, at(saved, 0).shape) })),
  gradient(tf.Transpose, {}, (dy, _saved, attributes) => ({
    x: () => tf.transpose(dy, tf.backend_util.getUndoAxesPermutation(attributes['perm'] as number[])),
  })),
  gradient(tf.Slice, { inputs: ['x'] }, (dy, saved, attributes) => ({
    x: () => {
      const x = at(saved, 0);
      const [begin = [], size = []] = tf.slice_util.parseSliceParams(
        x,
        attributes['begin'] as number | number[],
        attributes['size'] as number | number[],
      );
      const paddings = x.shape.map((length, i): [number, number] => {
        const before = begin[i] ?? 0;
        return [before, length - before - (size[i] ?? 0)];
      });
      return tf.pad(dy, paddings);
    },
  })),
  {
    kernelName: tf.Concat,
    saveAllInputs: true,
    gradFunc: (dy, saved, attributes) => {
      const first = at(saved, 0);
      const axis = tf.util.parseAxisParam(attributes['axis'] as number, first.shape)[0] ?? 0;
      const parts = tf.split(
        dy as Tensor,
        saved.map((tensor) => tensor.shape[axis] ?? 1),
        axis,
      );
      return Object.fromEntries(parts.map((part, index) => [index, () => part]));
    },
  },
];

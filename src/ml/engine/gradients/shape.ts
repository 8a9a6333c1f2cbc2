import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { at, gradient, reduceToShape } from './support.js';

/** `dy` of a tiled tensor, summed over the repetitions: `[.., reps * size, ..]` is read as `[.., reps, size, ..]`. */
function untile(dy: Tensor, shape: number[], reps: number[]): Tensor {
  const split: number[] = [];
  const axes: number[] = [];
  shape.forEach((size, i) => {
    const repetitions = reps[i] ?? 1;
    if (repetitions > 1) axes.push(split.push(repetitions) - 1);
    if (repetitions === 1 || size > 1) split.push(size);
  });
  return tf.reshape(tf.sum(tf.reshape(dy, split), axes), shape);
}

export const shapeGradients: GradConfig[] = [
  gradient(tf.Reshape, { inputs: ['x'] }, (dy, saved) => ({ x: () => tf.reshape(dy, at(saved, 0).shape) })),
  gradient(tf.ExpandDims, { inputs: ['input'] }, (dy, saved) => ({ input: () => tf.reshape(dy, at(saved, 0).shape) })),
  gradient(tf.Transpose, {}, (dy, _saved, attributes) => ({
    x: () => tf.transpose(dy, tf.backend_util.getUndoAxesPermutation(attributes['perm'] as number[])),
  })),
  gradient(tf.Tile, { inputs: ['x'] }, (dy, saved, attributes) => ({
    x: () => untile(dy, at(saved, 0).shape, attributes['reps'] as number[]),
  })),
  gradient(tf.BroadcastTo, { inputs: ['x'] }, (dy, saved) => ({ x: () => reduceToShape(dy, at(saved, 0).shape) })),
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
  gradient(tf.PadV2, { inputs: ['x'] }, (dy, saved, attributes) => ({
    x: () =>
      tf.slice(
        dy,
        (attributes['paddings'] as [number, number][]).map(([before]) => before),
        at(saved, 0).shape,
      ),
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
  {
    kernelName: tf.SplitV,
    gradFunc: (dys, _saved, attributes) => ({ x: () => tf.concat(dys as Tensor[], attributes['axis'] as number) }),
  },
  {
    kernelName: tf.Pack,
    saveAllInputs: true,
    gradFunc: (dy, _saved, attributes) => {
      const parts = tf.unstack(dy as Tensor, attributes['axis'] as number);
      return Object.fromEntries(parts.map((part, index) => [index, () => part]));
    },
  },
  {
    kernelName: tf.Unpack,
    // With one output TensorFlow.js hands over the tensor itself.
    gradFunc: (dys, _saved, attributes) => ({
      value: () => tf.stack(Array.isArray(dys) ? dys : [dys], attributes['axis'] as number),
    }),
  },
];

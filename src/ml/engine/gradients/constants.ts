import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { at } from './support.js';

/** Piecewise constant kernels: their gradient is zero wherever it exists. */
const kernels: Record<string, string[]> = {
  [tf.Sign]: ['x'],
  [tf.Step]: ['x'],
  [tf.Floor]: ['x'],
  [tf.ZerosLike]: ['x'],
  [tf.OnesLike]: ['x'],
  [tf.OneHot]: ['indices'],
  [tf.Greater]: ['a', 'b'],
  [tf.GreaterEqual]: ['a', 'b'],
  [tf.Less]: ['a', 'b'],
  [tf.LessEqual]: ['a', 'b'],
  [tf.Equal]: ['a', 'b'],
  [tf.NotEqual]: ['a', 'b'],
  [tf.LogicalAnd]: ['a', 'b'],
  [tf.LogicalOr]: ['a', 'b'],
  [tf.LogicalNot]: ['x'],
};

export const constantGradients: GradConfig[] = Object.entries(kernels).map(([kernelName, inputs]) => ({
  kernelName,
  inputsToSave: inputs,
  gradFunc: (_dy: Tensor | Tensor[], saved: Tensor[]) =>
    Object.fromEntries(inputs.map((name, index) => [name, () => tf.zeros(at(saved, index).shape)])),
}));

import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, NamedAttrMap, Tensor } from '@tensorflow/tfjs-core';

/** Attributes of a kernel, as TensorFlow.js hands them to a gradient function. */
export type Attributes = NamedAttrMap;

/** The gradient function of a kernel that has one output. */
type GradientOf = (dy: Tensor, saved: Tensor[], attributes: Attributes) => Record<string, () => Tensor>;

/** The one cast that TensorFlow.js's `GradConfig` needs: its gradient functions take `dy` as a tensor or a list. */
export function gradient(
  kernelName: string,
  save: { inputs?: string[]; outputs?: boolean[] },
  gradFunc: GradientOf,
): GradConfig {
  return {
    kernelName,
    inputsToSave: save.inputs ?? [],
    outputsToSave: save.outputs ?? [],
    gradFunc: (dy, saved, attributes) => gradFunc(dy as Tensor, saved, attributes),
  };
}

/** Sums `dy` over the axes along which an operand of shape `shape` was broadcast. */
export function reduceToShape(dy: Tensor, shape: number[]): Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, dy.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(dy, axes) : dy, shape);
}

/** The tensor that a slot of `saved` holds; its absence would be a mistake in the configuration above. */
export function at(saved: Tensor[], index: number): Tensor {
  const tensor = saved[index];
  if (tensor === undefined) throw new Error(`gradient: no tensor was saved in slot ${index}`);
  return tensor;
}

/** `dy` where the condition holds, zero elsewhere. Unlike a product with 0, it lets no infinity through. */
export function where(condition: Tensor, dy: Tensor): Tensor {
  return tf.where(condition, dy, tf.zerosLike(dy));
}

import * as tf from '@tensorflow/tfjs-core';
import type { KernelConfig } from '@tensorflow/tfjs-core';
import { elementType } from '../trace-backend.js';
import { kernel } from './kernel.js';

function range(start: number, stop: number, step: number): number[] {
  const length = Math.max(0, Math.ceil((stop - start) / step));
  return Array.from({ length }, (_, i) => start + i * step);
}

export const creationKernels: KernelConfig[] = [
  kernel(tf.Fill, (call) => {
    const shape = [call.numbers('shape')].flat();
    return call.graph.splat(call.number('value'), shape, elementType(call.text('dtype') as tf.DataType));
  }),
  kernel(tf.ZerosLike, (call) => call.graph.splat(0, call.input('x').shape, call.input('x').type)),
  kernel(tf.OnesLike, (call) => call.graph.splat(1, call.input('x').shape, call.input('x').type)),
  kernel(tf.Range, (call) => {
    // A range that runs downwards may be given a positive step.
    const [start, stop] = [call.number('start'), call.number('stop')];
    const step = stop < start && call.number('step') === 1 ? -1 : call.number('step');
    const numbers = range(start, stop, step);
    return call.graph.dense(numbers, [numbers.length], elementType(call.text('dtype') as tf.DataType));
  }),
];

import * as tf from '@tensorflow/tfjs-core';
import type { KernelConfig } from '@tensorflow/tfjs-core';
import { binary, where } from '../operators.js';
import { kernel } from './kernel.js';

const arithmetic: Record<string, string> = {
  [tf.Add]: 'Add',
  [tf.Sub]: 'Sub',
  [tf.Multiply]: 'Mul',
  [tf.RealDiv]: 'Div',
  [tf.Maximum]: 'Max',
  [tf.Minimum]: 'Min',
};

const comparisons: Record<string, string> = {
  [tf.Greater]: 'Greater',
  [tf.GreaterEqual]: 'GreaterOrEqual',
  [tf.LessEqual]: 'LessOrEqual',
  [tf.LogicalAnd]: 'And',
};

export const binaryKernels: KernelConfig[] = [
  ...Object.entries(arithmetic).map(([name, op]) =>
    kernel(name, (call) => binary(call.graph, op, call.input('a'), call.input('b'))),
  ),
  ...Object.entries(comparisons).map(([name, op]) =>
    kernel(name, (call) => binary(call.graph, op, call.input('a'), call.input('b'), 'bool')),
  ),
  kernel(tf.Select, (call) => where(call.graph, call.input('condition'), call.input('t'), call.input('e'))),
];

import * as tf from '@tensorflow/tfjs-core';
import type { KernelConfig } from '@tensorflow/tfjs-core';
import { binary, unary, where } from '../operators.js';
import { kernel } from './kernel.js';

const arithmetic: Record<string, string> = {
  [tf.Add]: 'Add',
  [tf.Sub]: 'Sub',
  [tf.Multiply]: 'Mul',
  [tf.RealDiv]: 'Div',
  [tf.Maximum]: 'Max',
  [tf.Minimum]: 'Min',
  [tf.Pow]: 'Pow',
};

const comparisons: Record<string, string> = {
  [tf.Equal]: 'Equal',
  [tf.Greater]: 'Greater',
  [tf.GreaterEqual]: 'GreaterOrEqual',
  [tf.Less]: 'Less',
  [tf.LessEqual]: 'LessOrEqual',
  [tf.LogicalAnd]: 'And',
  [tf.LogicalOr]: 'Or',
};

export const binaryKernels: KernelConfig[] = [
  ...Object.entries(arithmetic).map(([name, op]) =>
    kernel(name, (call) => binary(call.graph, op, call.input('a'), call.input('b'))),
  ),
  ...Object.entries(comparisons).map(([name, op]) =>
    kernel(name, (call) => binary(call.graph, op, call.input('a'), call.input('b'), 'bool')),
  ),
  kernel(tf.NotEqual, (call) =>
    unary(call.graph, 'Not', binary(call.graph, 'Equal', call.input('a'), call.input('b'), 'bool')),
  ),
  kernel(tf.SquaredDifference, (call) => {
    const difference = binary(call.graph, 'Sub', call.input('a'), call.input('b'));
    return binary(call.graph, 'Mul', difference, difference);
  }),
  kernel(tf.Select, (call) => where(call.graph, call.input('condition'), call.input('t'), call.input('e'))),
  kernel(tf.AddN, (call) => call.list().reduce((sum, term) => binary(call.graph, 'Add', sum, term))),
];

import * as tf from '@tensorflow/tfjs-core';
import type { KernelConfig } from '@tensorflow/tfjs-core';
import type { Value } from '../graph.js';
import type { GraphBuilder } from '../graph-builder.js';
import { cast } from '../operators.js';
import { kernel } from './kernel.js';

function reduce(graph: GraphBuilder, op: string, x: Value, axis: number | number[], keepDims: boolean): Value {
  const axes = tf.util.parseAxisParam(axis, [...x.shape]);
  // ONNX takes an empty list of axes for all of them; in TensorFlow.js it means none.
  if (axes.length === 0) return x;
  const reduced = keepDims ? [1] : [];
  const shape = x.shape.flatMap((length, i) => (axes.includes(i) ? reduced : [length]));
  return graph.node(op, [x, graph.integers(axes)], { shape, type: x.type }, { keepdims: { i: keepDims ? 1 : 0 } });
}

function reduction(name: string, op: string, axisName = 'axis'): KernelConfig {
  return kernel(name, (call) => reduce(call.graph, op, call.input('x'), call.numbers(axisName), call.flag('keepDims')));
}

export const reductionKernels: KernelConfig[] = [
  reduction(tf.Sum, 'ReduceSum'),
  reduction(tf.Max, 'ReduceMax', 'reductionIndices'),
  kernel(tf.Mean, (call) => {
    const x = cast(call.graph, call.input('x'), 'float');
    return reduce(call.graph, 'ReduceMean', x, call.numbers('axis'), call.flag('keepDims'));
  }),
];

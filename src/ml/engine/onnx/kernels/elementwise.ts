import * as tf from '@tensorflow/tfjs-core';
import type { KernelConfig } from '@tensorflow/tfjs-core';
import type { Value } from '../graph.js';
import type { GraphBuilder } from '../graph-builder.js';
import { binary, cast, scalar, unary, where } from '../operators.js';
import { elementType } from '../trace-backend.js';
import { kernel } from './kernel.js';

/** TensorFlow.js kernels that are ONNX operators under the same or another name. */
const direct: Record<string, string> = {
  [tf.Neg]: 'Neg',
  [tf.Exp]: 'Exp',
  [tf.Log]: 'Log',
  [tf.Sqrt]: 'Sqrt',
  [tf.Cos]: 'Cos',
  [tf.Erf]: 'Erf',
  [tf.Sigmoid]: 'Sigmoid',
  [tf.Tanh]: 'Tanh',
  [tf.Relu]: 'Relu',
};

/** Kahan's log(1 + x), right to the last bit or so also where x is tiny: ONNX has no Log1p. */
function log1p(graph: GraphBuilder, x: Value): Value {
  const one = scalar(graph, 1);
  const u = binary(graph, 'Add', x, one);
  const correction = binary(graph, 'Div', x, binary(graph, 'Sub', u, one));
  const accurate = binary(graph, 'Mul', unary(graph, 'Log', u), correction);
  return where(graph, binary(graph, 'Equal', u, one, 'bool'), x, accurate);
}

/** max(x, 0) + log1p(exp(-|x|)): never overflows, and keeps its relative precision for very negative x. */
function softplus(graph: GraphBuilder, x: Value): Value {
  const tail = unary(graph, 'Exp', unary(graph, 'Neg', unary(graph, 'Abs', x)));
  return binary(graph, 'Add', unary(graph, 'Relu', x), log1p(graph, tail));
}

function clip(graph: GraphBuilder, x: Value, low: number, high: number): Value {
  const inputs = [x, scalar(graph, low, x.type), scalar(graph, high, x.type)];
  return graph.node('Clip', inputs, { shape: x.shape, type: x.type });
}

export const elementwiseKernels: KernelConfig[] = [
  ...Object.entries(direct).map(([name, op]) => kernel(name, (call) => unary(call.graph, op, call.input('x')))),
  kernel(tf.Identity, (call) => call.input('x')),
  kernel(tf.ZerosLike, (call) => call.graph.splat(0, call.input('x').shape, call.input('x').type)),
  kernel(tf.Cast, (call) => cast(call.graph, call.input('x'), elementType(call.text('dtype') as tf.DataType))),
  kernel(tf.Square, (call) => binary(call.graph, 'Mul', call.input('x'), call.input('x'))),
  kernel(tf.Rsqrt, (call) => unary(call.graph, 'Reciprocal', unary(call.graph, 'Sqrt', call.input('x')))),
  kernel(tf.Softplus, (call) => softplus(call.graph, call.input('x'))),
  kernel(tf.ClipByValue, (call) =>
    clip(call.graph, call.input('x'), call.number('clipValueMin'), call.number('clipValueMax')),
  ),
  kernel(tf.Softmax, (call) => {
    const logits = call.input('logits');
    return call.graph.node('Softmax', [logits], { shape: logits.shape, type: logits.type }, { axis: { i: -1 } });
  }),
];

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
  [tf.Abs]: 'Abs',
  [tf.Sign]: 'Sign',
  [tf.Exp]: 'Exp',
  [tf.Log]: 'Log',
  [tf.Sqrt]: 'Sqrt',
  [tf.Sin]: 'Sin',
  [tf.Cos]: 'Cos',
  [tf.Erf]: 'Erf',
  [tf.Reciprocal]: 'Reciprocal',
  [tf.Sigmoid]: 'Sigmoid',
  [tf.Tanh]: 'Tanh',
  [tf.Relu]: 'Relu',
  [tf.Floor]: 'Floor',
  [tf.LogicalNot]: 'Not',
};

/** Kahan's log(1 + x), right to the last bit or so also where x is tiny: ONNX has no Log1p. */
function log1p(graph: GraphBuilder, x: Value): Value {
  const one = scalar(graph, 1);
  const u = binary(graph, 'Add', x, one);
  const correction = binary(graph, 'Div', x, binary(graph, 'Sub', u, one));
  const accurate = binary(graph, 'Mul', unary(graph, 'Log', u), correction);
  return where(graph, binary(graph, 'Equal', u, one, 'bool'), x, accurate);
}

/** Kahan's exp(x) - 1 near zero, the plain difference elsewhere: ONNX has no Expm1. */
function expm1(graph: GraphBuilder, x: Value): Value {
  const one = scalar(graph, 1);
  const u = unary(graph, 'Exp', x);
  const difference = binary(graph, 'Sub', u, one);
  const corrected = binary(graph, 'Mul', difference, binary(graph, 'Div', x, unary(graph, 'Log', u)));
  const nearZero = where(graph, binary(graph, 'Equal', u, one, 'bool'), x, corrected);
  const isNear = binary(graph, 'Less', unary(graph, 'Abs', x), scalar(graph, 0.5), 'bool');
  return where(graph, isNear, nearZero, difference);
}

/** max(x, 0) + log1p(exp(-|x|)): never overflows, and keeps its relative precision for very negative x. */
function softplus(graph: GraphBuilder, x: Value): Value {
  const tail = unary(graph, 'Exp', unary(graph, 'Neg', unary(graph, 'Abs', x)));
  return binary(graph, 'Add', unary(graph, 'Relu', x), log1p(graph, tail));
}

function step(graph: GraphBuilder, x: Value, alpha: number): Value {
  const isPositive = binary(graph, 'Greater', x, scalar(graph, 0, x.type), 'bool');
  if (alpha === 0) return cast(graph, isPositive, x.type);
  return where(graph, isPositive, scalar(graph, 1, x.type), scalar(graph, alpha, x.type));
}

function clip(graph: GraphBuilder, x: Value, low: number, high: number): Value {
  const inputs = [x, scalar(graph, low, x.type), scalar(graph, high, x.type)];
  return graph.node('Clip', inputs, { shape: x.shape, type: x.type });
}

export const elementwiseKernels: KernelConfig[] = [
  ...Object.entries(direct).map(([name, op]) => kernel(name, (call) => unary(call.graph, op, call.input('x')))),
  kernel(tf.Identity, (call) => call.input('x')),
  kernel(tf.Cast, (call) => cast(call.graph, call.input('x'), elementType(call.text('dtype') as tf.DataType))),
  kernel(tf.Square, (call) => binary(call.graph, 'Mul', call.input('x'), call.input('x'))),
  kernel(tf.Rsqrt, (call) => unary(call.graph, 'Reciprocal', unary(call.graph, 'Sqrt', call.input('x')))),
  kernel(tf.Log1p, (call) => log1p(call.graph, call.input('x'))),
  kernel(tf.Expm1, (call) => expm1(call.graph, call.input('x'))),
  kernel(tf.Softplus, (call) => softplus(call.graph, call.input('x'))),
  kernel(tf.Step, (call) => step(call.graph, call.input('x'), call.number('alpha'))),
  kernel(tf.ClipByValue, (call) =>
    clip(call.graph, call.input('x'), call.number('clipValueMin'), call.number('clipValueMax')),
  ),
  kernel(tf.Softmax, (call) => {
    const logits = call.input('logits');
    return call.graph.node('Softmax', [logits], { shape: logits.shape, type: logits.type }, { axis: { i: -1 } });
  }),
];

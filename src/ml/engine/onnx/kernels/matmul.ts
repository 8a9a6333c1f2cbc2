import * as tf from '@tensorflow/tfjs-core';
import type { KernelConfig } from '@tensorflow/tfjs-core';
import type { Value } from '../graph.js';
import type { GraphBuilder } from '../graph-builder.js';
import { broadcastShape, transpose } from '../operators.js';
import { kernel } from './kernel.js';

function swapLastTwo(graph: GraphBuilder, x: Value): Value {
  const rank = x.shape.length;
  const perm = Array.from({ length: rank }, (_, i) => i);
  return transpose(graph, x, [...perm.slice(0, rank - 2), rank - 1, rank - 2]);
}

/** A product of two matrices, whose transposes are flags of Gemm. */
function gemm(graph: GraphBuilder, a: Value, b: Value, transA: boolean, transB: boolean): Value {
  const rows = a.shape[transA ? 1 : 0] ?? 1;
  const columns = b.shape[transB ? 0 : 1] ?? 1;
  const attributes = { transA: { i: Number(transA) }, transB: { i: Number(transB) } };
  return graph.node('Gemm', [a, b], { shape: [rows, columns], type: a.type }, attributes);
}

/** A batched product. Its transposes stay nodes here: ONNX Runtime fuses them where its device can. */
function batched(graph: GraphBuilder, a: Value, b: Value, transA: boolean, transB: boolean): Value {
  const left = transA ? swapLastTwo(graph, a) : a;
  const right = transB ? swapLastTwo(graph, b) : b;
  const batch = broadcastShape(left.shape.slice(0, -2), right.shape.slice(0, -2));
  const shape = [...batch, left.shape.at(-2) ?? 1, right.shape.at(-1) ?? 1];
  return graph.node('MatMul', [left, right], { shape, type: a.type });
}

export const matMulKernels: KernelConfig[] = [
  kernel(tf.BatchMatMul, (call) => {
    const [a, b] = [call.input('a'), call.input('b')];
    const multiply = a.shape.length === 2 && b.shape.length === 2 ? gemm : batched;
    return multiply(call.graph, a, b, call.flag('transposeA'), call.flag('transposeB'));
  }),
];

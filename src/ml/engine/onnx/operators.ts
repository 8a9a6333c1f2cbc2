import * as tf from '@tensorflow/tfjs-core';
import { sameShape } from '../shapes.js';
import type { ElementType, Value } from './graph.js';
import type { GraphBuilder } from './graph-builder.js';

/** Operators that more than one kernel or rule needs, with their shapes inferred. */

export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  return tf.broadcast_util.assertAndGetBroadcastShape([...a], [...b]);
}

export function scalar(graph: GraphBuilder, number: number, type: ElementType = 'float'): Value {
  return graph.splat(number, [], type);
}

export function unary(graph: GraphBuilder, op: string, x: Value): Value {
  return graph.node(op, [x], { shape: x.shape, type: x.type });
}

export function binary(graph: GraphBuilder, op: string, a: Value, b: Value, type: ElementType = a.type): Value {
  return graph.node(op, [a, b], { shape: broadcastShape(a.shape, b.shape), type });
}

export function where(graph: GraphBuilder, condition: Value, then: Value, otherwise: Value): Value {
  const shape = broadcastShape(broadcastShape(condition.shape, then.shape), otherwise.shape);
  return graph.node('Where', [condition, then, otherwise], { shape, type: then.type });
}

/** ONNX's numbers for the element types. */
export function onnxType(type: ElementType): number {
  switch (type) {
    case 'float':
      return 1;
    case 'int32':
      return 6;
    case 'int64':
      return 7;
    case 'bool':
      return 9;
    case 'uint8':
      return 2;
    case 'int8':
      return 3;
  }
}

export function cast(graph: GraphBuilder, x: Value, type: ElementType): Value {
  if (x.type === type) return x;
  return graph.node('Cast', [x], { shape: x.shape, type }, { to: { i: onnxType(type) } });
}

export function reshape(graph: GraphBuilder, x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  return graph.node('Reshape', [x, graph.integers(shape)], { shape: [...shape], type: x.type });
}

export function transpose(graph: GraphBuilder, x: Value, perm: readonly number[]): Value {
  const shape = perm.map((axis) => x.shape[axis] ?? 1);
  return graph.node('Transpose', [x], { shape, type: x.type }, { perm: { ints: perm } });
}

export function expand(graph: GraphBuilder, x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  return graph.node('Expand', [x, graph.integers(shape)], { shape: [...shape], type: x.type });
}

/** Parts of `x` along an axis, of these lengths. */
export function split(graph: GraphBuilder, x: Value, sizes: readonly number[], axis: number): readonly Value[] {
  if (sizes.length === 1) return [x];
  const outputs = sizes.map((size) => ({ shape: x.shape.map((n, i) => (i === axis ? size : n)), type: x.type }));
  return graph.nodeOutputs('Split', [x, graph.integers(sizes)], outputs, { axis: { i: axis } });
}

import * as tf from '@tensorflow/tfjs-core';
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../shapes.js';
import type { Value } from '../graph.js';
import type { GraphBuilder } from '../graph-builder.js';
import { expand, reshape, scalar, split, transpose } from '../operators.js';
import { kernel } from './kernel.js';

function tile(graph: GraphBuilder, x: Value, reps: readonly number[]): Value {
  const shape = x.shape.map((length, i) => length * (reps[i] ?? 1));
  // Repeating a single element is a broadcast, which later rules can often do without.
  if (x.shape.every((length, i) => length === 1 || reps[i] === 1)) return expand(graph, x, shape);
  return graph.node('Tile', [x, graph.integers(reps)], { shape, type: x.type });
}

function slice(graph: GraphBuilder, x: Value, begin: readonly number[], size: readonly number[]): Value {
  const axes = x.shape.map((_, i) => i).filter((i) => size[i] !== x.shape[i]);
  if (axes.length === 0) return x;
  const starts = axes.map((i) => begin[i] ?? 0);
  const ends = axes.map((i) => (begin[i] ?? 0) + (size[i] ?? 0));
  const inputs = [x, graph.integers(starts), graph.integers(ends), graph.integers(axes)];
  return graph.node('Slice', inputs, { shape: [...size], type: x.type });
}

function pad(graph: GraphBuilder, x: Value, paddings: readonly (readonly [number, number])[], filler: number): Value {
  const shape = x.shape.map((length, i) => length + (paddings[i]?.[0] ?? 0) + (paddings[i]?.[1] ?? 0));
  const pads = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)];
  if (pads.every((length) => length === 0)) return x;
  return graph.node('Pad', [x, graph.integers(pads), scalar(graph, filler, x.type)], { shape, type: x.type });
}

function concat(graph: GraphBuilder, parts: readonly Value[], axis: number): Value {
  const [first] = parts as [Value, ...Value[]];
  const shapes = parts.map((part) => [...part.shape]);
  const output = { shape: tf.backend_util.computeOutShape(shapes, axis), type: first.type };
  return graph.node('Concat', parts, output, { axis: { i: axis } });
}

/** As TensorFlow.js's own functions read shapes. */
const infoOf = ({ shape }: Value): TensorInfo => ({ dataId: {}, shape: [...shape], dtype: 'float32' });

function withAxis(shape: readonly number[], axis: number): number[] {
  return [...shape.slice(0, axis), 1, ...shape.slice(axis)];
}

export const shapeKernels: KernelConfig[] = [
  kernel(tf.Reshape, (call) => {
    const x = call.input('x');
    const shape = tf.util.inferFromImplicitShape([call.numbers('shape')].flat(), sizeOf(x.shape));
    return reshape(call.graph, x, shape);
  }),
  kernel(tf.ExpandDims, (call) => {
    const x = call.input('input');
    const dim = call.number('dim');
    return reshape(call.graph, x, withAxis(x.shape, dim < 0 ? x.shape.length + 1 + dim : dim));
  }),
  kernel(tf.Transpose, (call) => transpose(call.graph, call.input('x'), [call.numbers('perm')].flat())),
  kernel(tf.Tile, (call) => tile(call.graph, call.input('x'), [call.numbers('reps')].flat())),
  kernel(tf.Slice, (call) => {
    const x = call.input('x');
    const [begin = [], size = []] = tf.slice_util.parseSliceParams(
      infoOf(x),
      call.numbers('begin'),
      call.numbers('size'),
    );
    return slice(call.graph, x, begin, size);
  }),
  kernel(tf.PadV2, (call) => pad(call.graph, call.input('x'), call.pairs('paddings'), call.number('constantValue'))),
  kernel(tf.Concat, (call) => {
    const parts = call.list();
    const axis = tf.util.parseAxisParam(call.number('axis'), [...(parts[0]?.shape ?? [])])[0] ?? 0;
    return concat(call.graph, parts, axis);
  }),
  kernel(tf.SplitV, (call) => {
    const x = call.input('x');
    const axis = tf.util.parseAxisParam(call.number('axis'), [...x.shape])[0] ?? 0;
    const sizes = tf.backend_util.prepareSplitSize(infoOf(x), call.numbers('numOrSizeSplits'), axis);
    return split(call.graph, x, sizes, axis);
  }),
];

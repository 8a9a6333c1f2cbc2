import * as tf from '@tensorflow/tfjs-core';
import type { KernelConfig } from '@tensorflow/tfjs-core';
import { ClvError } from '../../../../errors.js';
import { sizeOf } from '../../shapes.js';
import type { Value } from '../graph.js';
import type { GraphBuilder } from '../graph-builder.js';
import { cast, reshape, split } from '../operators.js';
import { kernel } from './kernel.js';

function gatherRows(graph: GraphBuilder, x: Value, indices: Value): Value {
  const shape = [...indices.shape, ...x.shape.slice(1)];
  return graph.node('Gather', [x, indices], { shape, type: x.type }, { axis: { i: 0 } });
}

/**
 * Numbers that ONNX Runtime still adds in one thread. More are shared out among threads, whose order changes the last digits of sums:
 * training would not be deterministic.
 */
const addedByOneThread = 100_000;

/** Sums of the rows of `x` [n, ..] by id, added in their order: the gradient of an embedding. */
function segmentSum(graph: GraphBuilder, x: Value, ids: Value, segments: number): Value {
  const count = sizeOf(ids.shape);
  const width = x.shape.slice(ids.shape.length);
  const rows = reshape(graph, x, [count, ...width]);
  // In this order: accelerators do not reshape int64.
  const indices = cast(graph, reshape(graph, ids, [count, 1]), 'int64');
  const sizes = partSizes(count, Math.max(1, Math.floor(addedByOneThread / sizeOf(width))));
  const rowParts = split(graph, rows, sizes, 0);
  const shape = [segments, ...width];
  return split(graph, indices, sizes, 0).reduce(
    (sums, part, i) =>
      graph.node('ScatterND', [sums, part, rowParts[i]!], { shape, type: x.type }, { reduction: { s: 'add' } }),
    graph.splat(0, shape, x.type),
  );
}

/** Splits `count` into parts of at most `size`. */
function partSizes(count: number, size: number): number[] {
  return Array.from({ length: Math.max(1, Math.ceil(count / size)) }, (_, i) => Math.min(size, count - i * size));
}

export const indexingKernels: KernelConfig[] = [
  kernel(tf.GatherV2, (call) => {
    if (call.number('axis') !== 0) {
      throw new ClvError('ENGINE_UNAVAILABLE', 'The onnx engine gathers along axis 0 only.');
    }
    return gatherRows(call.graph, call.input('x'), call.input('indices'));
  }),
  kernel(tf.UnsortedSegmentSum, (call) =>
    segmentSum(call.graph, call.input('x'), call.input('segmentIds'), call.number('numSegments')),
  ),
];

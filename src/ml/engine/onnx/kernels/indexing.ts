import * as tf from '@tensorflow/tfjs-core';
import type { KernelConfig } from '@tensorflow/tfjs-core';
import { ClvError } from '../../../../errors.js';
import { sizeOf } from '../../shapes.js';
import type { Value } from '../graph.js';
import type { GraphBuilder } from '../graph-builder.js';
import { cast, reshape } from '../operators.js';
import { kernel } from './kernel.js';

function gather(graph: GraphBuilder, x: Value, indices: Value, axis: number): Value {
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  return graph.node('Gather', [x, indices], { shape, type: x.type }, { axis: { i: axis } });
}

/** Rows of `x` [n, ..] added up by id: what an embedding's gradient is. */
function segmentSum(graph: GraphBuilder, x: Value, ids: Value, segments: number): Value {
  const count = sizeOf(ids.shape);
  const shape = [segments, ...x.shape.slice(ids.shape.length)];
  const rows = reshape(graph, x, [count, ...shape.slice(1)]);
  // In this order: accelerators do not reshape int64.
  const indices = cast(graph, reshape(graph, ids, [count, 1]), 'int64');
  const inputs = [graph.splat(0, shape, x.type), indices, rows];
  return graph.node('ScatterND', inputs, { shape, type: x.type }, { reduction: { s: 'add' } });
}

export const indexingKernels: KernelConfig[] = [
  kernel(tf.GatherV2, (call) => {
    if (call.number('batchDims') !== 0) {
      throw new ClvError(
        'ENGINE_UNAVAILABLE',
        'The onnx engine gathers without batchDims; gather from axis 0 instead.',
      );
    }
    const x = call.input('x');
    const axis = tf.util.parseAxisParam(call.number('axis'), [...x.shape])[0] ?? 0;
    return gather(call.graph, x, call.input('indices'), axis);
  }),
  kernel(tf.UnsortedSegmentSum, (call) =>
    segmentSum(call.graph, call.input('x'), call.input('segmentIds'), call.number('numSegments')),
  ),
];

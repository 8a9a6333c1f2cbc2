import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeEach, describe, expect, it } from 'vitest';
import { ClvError } from '../../../../src/errors.js';
import type { TensorFunction } from '../../../../src/ml/engine/engine.js';
import { trace } from '../../../../src/ml/engine/onnx/trace.js';
import { floats, runTraced } from '../support.js';

const x = floats([2, 3]);

function failureOf(fn: TensorFunction): unknown {
  try {
    trace(fn, { x });
    return undefined;
  } catch (error) {
    return error;
  }
}

const tangentOfSquare = (z: tf.Tensor): tf.Tensor => tf.atan(tf.square(z));

describe('trace', () => {
  beforeEach(async () => {
    await tf.setBackend('cpu');
  });

  it('knows shapes and types while it computes nothing', () => {
    const seen: unknown[] = [];
    trace(
      ({ x: symbol }) => {
        const y = tf.transpose(tf.greater(symbol!, 0));
        seen.push(y.shape, y.dtype);
        return { y: tf.cast(y, 'float32') };
      },
      { x },
    );
    expect(seen).toEqual([[3, 2], 'bool']);
  });

  it('names a kernel that it does not have, and says what to do', () => {
    const error = failureOf(({ x: symbol }) => ({ y: tf.atan(symbol!) }));
    expect(error).toBeInstanceOf(ClvError);
    expect((error as ClvError).code).toBe('ENGINE_UNAVAILABLE');
    expect((error as ClvError).message).toMatch(/kernel Atan:.*tensorflow engine/);
  });

  it('names a kernel whose gradient it does not have', () => {
    const error = failureOf(({ x: symbol }) => ({ y: tf.grad((z) => tf.cos(z))(symbol!) }));
    expect((error as Error).message).toMatch(/gradient function not found for Cos/);
  });

  it.each([
    ['dataSync', (symbol: tf.Tensor) => symbol.dataSync()],
    ['arraySync', (symbol: tf.Tensor) => symbol.arraySync()],
  ])('says that %s has nothing to read', (_name, read) => {
    const error = failureOf(({ x: symbol }) => {
      read(symbol!);
      return { y: symbol! };
    });
    expect((error as ClvError).code).toBe('ENGINE_UNAVAILABLE');
    expect((error as ClvError).message).toMatch(/read the numbers of a tensor/);
  });

  it('refuses types that an engine does not carry', () => {
    expect((failureOf(() => ({ y: tf.tensor(['text']) })) as ClvError).message).toMatch(/type string/);
  });

  it.each([
    ['success', () => trace(({ x: symbol }) => ({ y: tf.exp(symbol!) }), { x })],
    ['a missing kernel', () => failureOf(({ x: symbol }) => ({ y: tf.atan(symbol!) }))],
    [
      'a missing kernel inside a gradient',
      () => failureOf(({ x: symbol }) => ({ y: tf.grad(tangentOfSquare)(symbol!) })),
    ],
    [
      'an error inside a gradient',
      () =>
        failureOf(({ x: symbol }) => ({
          y: tf.grad(() => {
            throw new Error('inside');
          })(symbol!),
        })),
    ],
  ])('leaves the active backend as it was after %s', (_name, run) => {
    const tensors = tf.memory().numTensors;
    run();
    expect(tf.getBackend()).toBe('cpu');
    expect(tf.memory().numTensors).toBe(tensors);
    const sum = tf.tidy(() => tf.sum(tf.tensor1d([1, 2])).dataSync()[0]);
    expect(sum).toBe(3);
  });

  it('takes gradients after a failed gradient', () => {
    failureOf(({ x: symbol }) => ({ y: tf.grad((z) => tf.atan(z))(symbol!) }));
    const graph = trace(({ x: symbol }) => ({ y: tf.grad((z) => tf.square(z))(symbol!) }), { x });
    expect(graph.outputs.get('y')?.shape).toEqual([2, 3]);
  });

  it('takes a tensor of the active backend as a constant and leaves it there', async () => {
    const captured = tf.tensor1d([1, 10, 100]);
    const { y } = await runTraced(({ x: symbol }) => ({ y: tf.add(tf.mul(symbol!, 0), captured) }), { x });
    expect(y).toEqual([1, 10, 100, 1, 10, 100]);
    expect(Array.from(captured.dataSync())).toEqual([1, 10, 100]);
    captured.dispose();
  });

  it('answers a repeated operation with the first one', () => {
    const graph = trace(({ x: symbol }) => ({ y: tf.add(tf.exp(symbol!), tf.exp(symbol!)) }), { x });
    expect(graph.nodes.map((node) => node.op)).toEqual(['Exp', 'Add']);
  });

  it('gives booleans as integers', async () => {
    const { y } = await runTraced(({ x: symbol }) => ({ y: tf.greater(symbol!, -100) }), { x });
    expect(y).toEqual([1, 1, 1, 1, 1, 1]);
  });
});

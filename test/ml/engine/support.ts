import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { Engine, HostTensor, TensorFunction } from '../../../src/ml/engine/engine.js';
import { sessionOptions } from '../../../src/ml/engine/onnx/devices.js';
import { OnnxEngine } from '../../../src/ml/engine/onnx/onnx-engine.js';
import { sizeOf } from '../../../src/ml/engine/shapes.js';
import { uploadAll } from '../../../src/ml/scoring/resident-weights.js';

export type Inputs = Record<string, HostTensor>;

/** A small generator (mulberry32), so that a failure comes back the same. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function floats(shape: number[], low = -2, high = 2, seed = 1): HostTensor {
  const random = randomNumbers(seed * 7919 + shape.length);
  return {
    shape,
    dtype: 'float32',
    data: Float32Array.from({ length: sizeOf(shape) }, () => low + (high - low) * random()),
  };
}

export function ints(shape: number[], numbers: number[]): HostTensor {
  return { shape, dtype: 'int32', data: Int32Array.from(numbers) };
}

export function cpuEngine(threads = 1): OnnxEngine {
  return new OnnxEngine('cpu', 'test', sessionOptions('cpu', threads));
}

/** Runs a function operation by operation on the TensorFlow.js CPU backend. */
export async function runEager(fn: TensorFunction, inputs: Inputs): Promise<Record<string, number[]>> {
  await tf.setBackend('cpu');
  return tf.tidy(() => {
    const tensors: Record<string, tf.Tensor> = {};
    for (const [name, { data, shape, dtype }] of Object.entries(inputs)) {
      tensors[name] = tf.tensor(data.slice(), [...shape], dtype);
    }
    return Object.fromEntries(Object.entries(fn(tensors)).map(([name, value]) => [name, Array.from(value.dataSync())]));
  });
}

/** Compiles, runs and reads a function on the onnx engine. */
export async function runTraced(
  fn: TensorFunction,
  inputs: Inputs,
  engine: Engine = cpuEngine(),
): Promise<Record<string, number[]>> {
  const program = await engine.compile(fn, inputs);
  const outputs = await program.run(uploadAll(engine, inputs));
  const numbers: Record<string, number[]> = {};
  for (const [name, tensor] of Object.entries(outputs)) numbers[name] = Array.from(await engine.read(tensor));
  await program.dispose();
  return numbers;
}

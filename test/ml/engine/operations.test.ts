import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { TensorFunction } from '../../../src/ml/engine/engine.js';
import { differentiableCases, operationCases } from './operation-cases.js';
import { compileDouble } from './double-precision.js';
import { runEager, runTraced } from './support.js';

const step = 1e-5;

/** Largest difference, relative where the expected number is larger than 1. Infinite if the lengths differ. */
function largestError(actual: number[] = [], expected: number[] = []): number {
  if (actual.length !== expected.length || actual.length === 0) return Infinity;
  return Math.max(...actual.map((number, i) => Math.abs(number - expected[i]!) / Math.max(1, Math.abs(expected[i]!))));
}

/** A weighted sum with unequal weights, so that no two elements of the gradient can be confused. */
function scalarOf(y: Tensor): Tensor {
  const weights = Float32Array.from({ length: y.size }, (_, i) => 0.5 + ((i * 7) % 11) / 8);
  return tf.sum(tf.mul(y, tf.tensor(weights, y.shape)));
}

function gradientsOf(loss: (tensors: Record<string, Tensor>) => Tensor, names: string[]): TensorFunction {
  return (tensors) => {
    const run = (...xs: Tensor[]): Tensor =>
      loss({ ...tensors, ...Object.fromEntries(names.map((name, i) => [name, xs[i]!])) });
    const { grads } = tf.valueAndGrads(run)(names.map((name) => tensors[name]!));
    return Object.fromEntries(names.map((name, i) => [name, grads[i]!]));
  };
}

type Point = Record<string, number[]>;

/** Central differences of `evaluate` in every element of one input. */
async function finiteDifferences(
  evaluate: (point: Point) => Promise<number>,
  point: Point,
  name: string,
): Promise<number[]> {
  const shifted = (index: number, delta: number): Promise<number> =>
    evaluate({ ...point, [name]: point[name]!.map((number, i) => (i === index ? number + delta : number)) });
  const slopes: number[] = [];
  for (let i = 0; i < point[name]!.length; i++) {
    slopes.push(((await shifted(i, step)) - (await shifted(i, -step))) / (2 * step));
  }
  return slopes;
}

describe.each(operationCases)('$name', ({ fn, inputs }) => {
  it('gives the value of the TensorFlow.js CPU backend', async () => {
    const asProgram: TensorFunction = (tensors) => ({ y: fn(tensors) });
    const traced = await runTraced(asProgram, inputs);
    const eager = await runEager(asProgram, inputs);
    expect(largestError(traced['y'], eager['y'])).toBeLessThan(2e-6);
  });
});

describe.each(differentiableCases)('$name', ({ fn, inputs }) => {
  it('has the gradient of its finite differences', async () => {
    const names = Object.keys(inputs).filter((name) => inputs[name]!.dtype === 'float32');
    const loss = (tensors: Record<string, Tensor>): Tensor => scalarOf(fn(tensors));
    const evaluate = await compileDouble((tensors) => ({ loss: loss(tensors) }), inputs);
    const differentiateAll = await compileDouble(gradientsOf(loss, names), inputs);
    const point = Object.fromEntries(Object.entries(inputs).map(([name, { data }]) => [name, [...data]]));
    const analytic = await differentiateAll(point);
    for (const name of names) {
      const numeric = await finiteDifferences(async (at) => (await evaluate(at))['loss']![0]!, point, name);
      expect(largestError(analytic[name], numeric)).toBeLessThan(2e-7);
    }
  });
});

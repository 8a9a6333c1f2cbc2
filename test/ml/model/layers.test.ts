import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { activate } from '../../../src/ml/model/layers.js';
import { floats, runTraced } from '../engine/support.js';

describe('GELU', () => {
  const inputs = { x: floats([4, 50], -6, 6), dy: floats([4, 50], -2, 2, 5) };

  it('has the value and the gradient that differentiating its definition gives', async () => {
    const definition = (x: tf.Tensor): tf.Tensor => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
    const both = (gelu: (x: tf.Tensor) => tf.Tensor) =>
      runTraced(({ x, dy }) => ({ value: gelu(x!), gradient: tf.grad(gelu)(x!, dy!) }), inputs);
    const expected = await both(definition);
    const actual = await both((x) => activate(x, 'gelu'));
    for (const name of ['value', 'gradient']) {
      for (const [i, number] of expected[name]!.entries()) expect(actual[name]![i]).toBeCloseTo(number, 5);
    }
  });
});

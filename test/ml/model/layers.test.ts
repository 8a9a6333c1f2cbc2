import { grad, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { normalCdf } from '../../../bench/quality/metrics/normal-cdf.js';
import { activate } from '../../../src/ml/model/layers.js';
import { floats, runTraced } from '../engine/support.js';

describe('GELU', () => {
  const inputs = { x: floats([4, 50], -6, 6), dy: floats([4, 50], -2, 2, 5) };
  const [xs, dys] = [[...inputs.x.data], [...inputs.dy.data]];
  const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

  it('has the value of its definition, x Φ(x), and the gradient, Φ(x) + x φ(x)', async () => {
    const gelu = (x: Tensor): Tensor => activate(x, 'gelu');
    const actual = await runTraced(({ x, dy }) => ({ value: gelu(x!), gradient: grad(gelu)(x!, dy!) }), inputs);
    for (const [i, x] of xs.entries()) {
      expect(actual['value']![i]).toBeCloseTo(x * normalCdf(x), 5);
      expect(actual['gradient']![i]).toBeCloseTo(dys[i]! * (normalCdf(x) + x * density(x)), 5);
    }
  });
});

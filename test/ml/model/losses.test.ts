import { grad, setBackend, tensor1d, tensor2d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerGradients } from '../../../src/ml/engine/gradients/register.js';
import { classOf, objectiveLoss, squaredErrors, weightedMean, zilnLosses } from '../../../src/ml/model/losses.js';
import type { ModelSpec } from '../../../src/ml/model/spec.js';
import { Random } from '../../../src/random.js';
import { tinyModel } from './support.js';

beforeAll(async () => {
  registerGradients();
  await setBackend('cpu');
});

const values = (compute: () => Tensor): number[] => Array.from(tidy(compute).dataSync());

describe('zero-inflated lognormal loss', () => {
  it('is the cross-entropy alone for who buys nothing', () => {
    const [none, returned] = values(() =>
      zilnLosses(
        tensor2d([
          [0.4, 9, 2],
          [0.4, 9, 2],
        ]),
        tensor1d([0, -3]),
      ),
    );
    expect(none).toBeCloseTo(Math.log1p(Math.exp(0.4)), 6);
    expect(returned).toBe(none);
  });

  it('adds the lognormal density for who buys', () => {
    // logit 0: log 2. log y = mu: density 1 / (y sigma sqrt(2 pi)) with y = e, sigma = 0.5.
    const [loss] = values(() => zilnLosses(tensor2d([[0, 1, 0.5]]), tensor1d([Math.E])));
    expect(loss).toBeCloseTo(Math.log(2) + 1 + Math.log(0.5) + 0.918938533, 5);
  });

  it('and its gradient are finite for any finite input', () => {
    const random = new Random('extremes');
    const extremes = [0, -0, 1, -1, 1e-45, -1e-45, 1e-38, 3.4e38, -3.4e38, 88, -104, 1e10, -1e10];
    const any = (): number =>
      random.uniform() < 0.5 ? random.pick(extremes) : random.normal() * 10 ** (random.uniform() * 76 - 38);
    const failures: unknown[] = [];
    for (const objective of ['ZILN', 'MSE', 'CLASSIFICATION'] as const) {
      const spec: ModelSpec = { ...tinyModel, objective };
      const width = { ZILN: 3, MSE: 1, CLASSIFICATION: 3 }[objective];
      for (let trial = 0; trial < 200; trial++) {
        const rows = Array.from({ length: 8 }, () => Array.from({ length: width }, any));
        const labels = Array.from({ length: 8 }, any);
        const weights = Array.from({ length: 8 }, () => random.integer(3));
        const loss = (output: Tensor): Tensor => objectiveLoss(spec, output, tensor1d(labels), tensor1d(weights));
        const numbers = [...values(() => loss(tensor2d(rows))), ...values(() => grad(loss)(tensor2d(rows)))];
        if (!numbers.every(Number.isFinite)) failures.push({ objective, rows, labels, weights });
      }
    }
    expect(failures).toEqual([]);
  });
});

describe('other losses', () => {
  it('MSE is the mean of squared errors', () => {
    const [loss] = values(() =>
      weightedMean(squaredErrors(tensor2d([[1], [2], [5]]), tensor1d([0, 4, 5])), tensor1d([1, 1, 1])),
    );
    expect(loss).toBeCloseTo((1 + 4 + 0) / 3, 6);
  });

  it('rows without weight do not count, and a batch without weight has loss 0', () => {
    expect(values(() => weightedMean(tensor1d([3, 100]), tensor1d([2, 0])))).toEqual([3]);
    expect(values(() => weightedMean(tensor1d([3, 100]), tensor1d([0, 0])))).toEqual([0]);
  });

  it('a tier begins at its lower bound', () => {
    const classes = values(() => classOf(tensor1d([-1, 0.5, 1.9, 2]), [0.5, 2]));
    expect(classes).toEqual([1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1]);
  });
});

import { describe, expect, it } from 'vitest';
import { logit, sigmoid } from '../../../src/math.js';
import type { ModelSpec } from '../../../src/ml/model/spec.js';
import { zilnMean } from '../../../src/ml/model/ziln-distribution.js';
import {
  atLeast,
  atMost,
  carried,
  largestCredibleValue,
  priorPrediction,
  raised,
  toServedPrediction,
  withPurchases,
} from '../../../src/ml/scoring/served-prediction.js';

const example = {
  tokenIds: Int32Array.of(1, 2),
  tokenGroups: Uint8Array.of(0, 0),
  numeric: Float32Array.of(0),
  prior: [logit(0.4), Math.log(3)] as const,
};
const scale = { valueScale: 100, residualSigma: 0.8, largestValue: 1e6 };
const spec = (objective: ModelSpec['objective']) => ({ objective }) as ModelSpec;

describe('a served prediction', () => {
  it('is the ZILN of the model, in currency', () => {
    const raw = { output: Float32Array.of(0.5, 1, 0.5), expectedValue: 0 };
    const served = toServedPrediction(spec('ZILN'), raw, example, scale);
    expect(served.expectedValue).toBeCloseTo(100 * sigmoid(0.5) * Math.exp(1 + 0.125), 6);
    expect(served.mu).toBeCloseTo(1 + Math.log(100), 6);
  });

  it('keeps the mean of the plain objectives, and takes the probability from the prior or from class 0', () => {
    const regression = toServedPrediction(
      spec('MSE'),
      { output: Float32Array.of(2), expectedValue: 2 },
      example,
      scale,
    );
    expect(regression.expectedValue).toBeCloseTo(200, 6);
    expect(sigmoid(regression.logit)).toBeCloseTo(0.4, 6);
    const classes = { output: Float32Array.of(Math.log(1), Math.log(3)), expectedValue: 1.5 };
    const classification = toServedPrediction(spec('CLASSIFICATION'), classes, example, scale);
    expect(classification.expectedValue).toBeCloseTo(150, 6);
    expect(sigmoid(classification.logit)).toBeCloseTo(0.75, 6);
  });

  it.each([
    [-800, 800, 1],
    [800, -800, 0],
  ])('has finite odds where the classes say %s and %s', (nothing, something, probability) => {
    const classes = { output: Float32Array.of(nothing, something), expectedValue: 1.5 };
    const served = toServedPrediction(spec('CLASSIFICATION'), classes, example, scale);
    expect(Number.isFinite(served.logit)).toBe(true);
    expect(sigmoid(served.logit)).toBeCloseTo(probability, 5);
    expect(served.expectedValue).toBeCloseTo(150, 6);
  });

  it('never passes the largest value that the data support, and its mean and parameters agree', () => {
    const raw = { output: Float32Array.of(5, 20, 3), expectedValue: 0 };
    const served = toServedPrediction(spec('ZILN'), raw, example, { ...scale, largestValue: 5_000 });
    expect(served.expectedValue).toBeCloseTo(5_000, 6);
    expect(zilnMean(served)).toBeCloseTo(5_000, 6);
  });

  it('may be larger over a horizon that is longer than what was observed, never smaller over a shorter one', () => {
    expect(largestCredibleValue(100, 730, 365)).toBe(600);
    expect(largestCredibleValue(100, 365, 365)).toBe(300);
    expect(largestCredibleValue(100, 30, 365)).toBe(300);
    // Where nobody has spent anything yet, it is no bound at 0.
    expect(largestCredibleValue(0, 30, 365)).toBe(3);
  });

  it('is carried to another horizon as the prior goes: the odds of a purchase and the mean', () => {
    const served = { logit: logit(0.6), mu: 3, sigma: 0.8, expectedValue: 0.6 * Math.exp(3.32) };
    const from = [logit(0.4), Math.log(5)] as const;
    const to = [logit(0.2), Math.log(3)] as const;
    const shorter = carried(served, { from, to }, scale);
    expect(shorter.expectedValue).toBeCloseTo((served.expectedValue * 0.6) / 2, 9);
    expect(zilnMean(shorter)).toBeCloseTo(shorter.expectedValue, 9);
    expect(sigmoid(shorter.logit)).toBeCloseTo(0.5625 / 1.5625, 9);
    expect(shorter.sigma).toBe(0.8);
    expect(carried(served, { from: to, to: from }, { largestValue: 1 }).expectedValue).toBeCloseTo(1, 9);
  });

  it('is raised by more purchases at a constant rate, of less value each, to the same mean', () => {
    const served = { logit: logit(0.36), mu: 3, sigma: 0.8, expectedValue: 0.36 * Math.exp(3.32) };
    const twice = withPurchases(served, Math.log(2));
    expect(sigmoid(twice.logit)).toBeCloseTo(1 - 0.64 ** 2, 12);
    expect(zilnMean(twice)).toBeCloseTo(served.expectedValue, 12);
    expect(sigmoid(withPurchases(served, -Math.log(2)).logit)).toBeCloseTo(0.2, 12);
    expect(withPurchases(served, 0)).toBe(served);
    for (const extreme of [-700, 700]) {
      const kept = withPurchases({ ...served, logit: extreme }, 3);
      expect(Number.isFinite(kept.logit) && Number.isFinite(kept.mu)).toBe(true);
    }
  });

  it('is at least so likely to buy, to the same mean', () => {
    const served = { logit: logit(0.36), mu: 3, sigma: 0.8, expectedValue: 0.36 * Math.exp(3.32) };
    const raised = atLeast(served, 0.5);
    expect(sigmoid(raised.logit)).toBeCloseTo(0.5, 12);
    expect(zilnMean(raised)).toBeCloseTo(served.expectedValue, 12);
    expect(atLeast(served, 0.3)).toBe(served);
  });

  it.each([
    { of: 'neither', than: { likely: 0.7, value: 20 }, is: { likely: 0.6, value: 10 } },
    { of: 'the probability', than: { likely: 0.4, value: 20 }, is: { likely: 0.4, value: 10 } },
    { of: 'the value', than: { likely: 0.7, value: 5 }, is: { likely: 0.6, value: 5 } },
    { of: 'both', than: { likely: 0.4, value: 5 }, is: { likely: 0.4, value: 5 } },
  ])('is no more than another one, which is less in $of', ({ than, is }) => {
    const distribution = ({ likely, value }: typeof than) => {
      const mu = Math.log(value / likely) - 0.32;
      return { logit: logit(likely), mu, sigma: 0.8, expectedValue: value };
    };
    const bounded = atMost(distribution({ likely: 0.6, value: 10 }), distribution(than));
    expect(sigmoid(bounded.logit)).toBeCloseTo(is.likely, 12);
    expect(bounded.expectedValue).toBeCloseTo(is.value, 12);
    expect(zilnMean(bounded)).toBeCloseTo(is.value, 12);
  });

  it('is raised in value by as many more purchases, up to the largest value', () => {
    const served = { logit: logit(0.36), mu: 3, sigma: 0.8 };
    const twice = raised(served, Math.log(2), scale);
    expect(twice.expectedValue).toBeCloseTo(2 * zilnMean(served), 9);
    expect(zilnMean(twice)).toBeCloseTo(twice.expectedValue, 9);
    expect(sigmoid(twice.logit)).toBeCloseTo(1 - 0.64 ** 2, 12);
    expect(raised(served, Math.log(2), { largestValue: 5 }).expectedValue).toBeCloseTo(5, 9);
  });

  it('of the prior alone has the prior as its mean', () => {
    expect(priorPrediction(example, scale).expectedValue).toBeCloseTo(0.4 * 300, 6);
  });
});

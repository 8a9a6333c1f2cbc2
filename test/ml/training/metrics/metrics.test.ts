import { describe, expect, it } from 'vitest';
import { evaluatePredictions } from '../../../../src/ml/training/metrics/model-metrics.js';
import {
  areaUnderRoc,
  brierScore,
  decileMape,
  deciles,
  normalizedGini,
  spearman,
  topDecileShare,
} from '../../../../src/ml/training/metrics/ranking.js';
import {
  bias,
  intervalCoverage,
  meanAbsoluteError,
  rSquared,
  rootMeanSquaredError,
} from '../../../../src/ml/training/metrics/regression.js';
import { Random } from '../../../../src/random.js';

const actual = [0, 10, 30, 0];
const predicted = [5, 20, 10, 1];

describe('errors of values', () => {
  it('work out by hand', () => {
    // Errors 5, 10, -20, 1: squares 25 + 100 + 400 + 1 = 526; the mean is 10, the variance sum 100 + 0 + 400 + 100.
    expect(rootMeanSquaredError(actual, predicted)).toBeCloseTo(Math.sqrt(526 / 4), 12);
    expect(meanAbsoluteError(actual, predicted)).toBe(9);
    expect(rSquared(actual, predicted)).toBeCloseTo(1 - 526 / 600, 12);
    expect(bias(actual, predicted)).toBeCloseTo(-0.1, 12);
    expect(intervalCoverage(actual, [0, 11, 20, 1], [0, 20, 30, 2])).toBe(0.5);
  });

  it('say null where they are not defined', () => {
    expect(rSquared([3, 3], [1, 2])).toBeNull();
    // By rounding, the mean of these is another number.
    expect(rSquared(Array(10).fill(9.99), Array(10).fill(9))).toBeNull();
    expect(bias([-1, 1], [1, 2])).toBeNull();
    // More was sent back than bought: the predictions are too high, not 300 % too low.
    expect(bias([-3, 2], [1, 1])).toBeNull();
  });
});

describe('ranking', () => {
  it('Spearman works out by hand, with average ranks for ties', () => {
    // Ranks of actual: 1.5, 3, 4, 1.5; of predicted: 2, 4, 3, 1.
    const [x, y] = [
      [1.5, 3, 4, 1.5],
      [2, 4, 3, 1],
    ] as const;
    const covariance = x.reduce((sum, rank, i) => sum + (rank - 2.5) * (y[i]! - 2.5), 0);
    expect(spearman(actual, predicted)).toBeCloseTo(covariance / Math.sqrt(4.5 * 5), 12);
    expect(spearman(actual, [7, 7, 7, 7])).toBeNull();
  });

  it('Gini works out by hand as in google/lifetime_value', () => {
    // By prediction: 10, 30, 0, 0, cumulative shares 1/4, 1, 1, 1; by value: 3/4, 1, 1, 1. Gini: 2 * mean - 1.
    expect(normalizedGini(actual, predicted)).toBeCloseTo((2 * (3.25 / 4) - 1) / (2 * (3.75 / 4) - 1), 12);
    expect(normalizedGini(actual, actual)).toBe(1);
    expect(normalizedGini([0, 0], [1, 2])).toBeNull();
    expect(normalizedGini([5, 5], [1, 2])).toBeCloseTo(1, 12);
  });

  it('Gini of tied predictions is the mean over all orders of the tied customers', () => {
    // Ties 10 and 30: cumulative shares 1/4 or 3/4 first, 1/2 on average.
    expect(normalizedGini(actual, [1, 2, 2, 0])).toBeCloseTo((2 * (3.5 / 4) - 1) / (2 * (3.75 / 4) - 1), 12);
  });

  it('deciles, their MAPE and the top tenth work out by hand', () => {
    const values = Array.from({ length: 20 }, (_, i) => i + 1);
    const scores = values.map((value) => 2 * value);
    const groups = deciles(values, scores);
    expect(groups).toHaveLength(10);
    expect(groups[0]).toEqual({ customers: 2, actualMean: 19.5, predictedMean: 39 });
    expect(groups[9]).toEqual({ customers: 2, actualMean: 1.5, predictedMean: 3 });
    expect(decileMape(values, scores)).toBeCloseTo(1, 12);
    expect(decileMape(values, values)).toBe(0);
    expect(topDecileShare(values, scores)).toBeCloseTo(39 / 210, 12);
  });

  it('measures a decile without value against the mean of all', () => {
    const values = Array.from({ length: 10 }, (_, i) => (i === 0 ? 0 : 10));
    const scores = values.map((value) => (value === 0 ? 4.5 : 10));
    expect(decileMape(values, scores)).toBeCloseTo(4.5 / 9 / 10, 12);
    expect(decileMape([0, 0], [1, 2])).toBeNull();
  });

  it('AUC and Brier work out by hand', () => {
    // Positives 0.8 and 0.4, negatives 0.4 and 0.1: 3.5 of 4 pairs are in order.
    const bought = [true, true, false, false];
    expect(areaUnderRoc(bought, [0.8, 0.4, 0.4, 0.1])).toBe(3.5 / 4);
    expect(areaUnderRoc([true, true], [0.1, 0.2])).toBeNull();
    expect(brierScore(bought, [0.8, 0.4, 0.4, 0.1])).toBeCloseTo((0.04 + 0.36 + 0.16 + 0.01) / 4, 12);
  });
});

describe('evaluatePredictions', () => {
  const random = new Random(31);
  // Few distinct predictions: ties everywhere, as naive scores have them.
  const rows = Array.from({ length: 997 }, () => ({
    actual: random.uniform() < 0.6 ? 0 : random.gamma(1, 0.02),
    predicted: random.integer(15),
    probability: random.integer(10) / 10,
  }));
  const evaluate = (of: typeof rows) =>
    evaluatePredictions({
      actual: of.map((row) => row.actual),
      predicted: of.map((row) => row.predicted),
      purchaseProbability: of.map((row) => row.probability),
    });

  it('does not depend on the order of the customers', () => {
    const metrics = evaluate(rows);
    const shuffled = evaluate(random.shuffle([...rows]));
    for (const name of Object.keys(metrics) as (keyof typeof metrics)[]) {
      expect(shuffled[name]).toBeCloseTo(metrics[name]!, 10);
    }
  });

  it('takes customers of a value above 0 for those who bought again', () => {
    const purchaseProbability = [0.8, 0.4, 0.4, 0.1];
    const { auc, brier } = evaluatePredictions({ actual: [0.5, 30, 0, -2], predicted, purchaseProbability });
    expect(auc).toBe(3.5 / 4);
    expect(brier).toBeCloseTo((0.04 + 0.36 + 0.16 + 0.01) / 4, 12);
  });

  it('leaves out what it is not given', () => {
    const metrics = evaluatePredictions({ actual, predicted });
    expect(metrics).toMatchObject({ customers: 4, mse: 131.5, auc: null, brier: null });
  });

  it('refuses no customers, columns of other lengths and values that are no numbers', () => {
    expect(() => evaluatePredictions({ actual: [], predicted: [] })).toThrow(
      expect.objectContaining({ code: 'INSUFFICIENT_DATA' }),
    );
    expect(() => evaluatePredictions({ actual, predicted: [1] })).toThrow(/"predicted" has 1 values for 4/);
    expect(() => evaluatePredictions({ actual, predicted: [1, 2, Number.NaN, 4] })).toThrow(/NaN in row 2/);
  });
});

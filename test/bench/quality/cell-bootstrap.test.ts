import { describe, expect, it } from 'vitest';
import { RankedPrediction, resampleOf } from '../../../bench/quality/cell-bootstrap.js';
import { Random } from '../../../src/random.js';
import { decileMape, normalizedGini, rank, spearman } from '../../../src/ml/training/metrics/ranking.js';
import { bias, rootMeanSquaredError } from '../../../src/ml/training/metrics/regression.js';

const measure = (actual: Float64Array, predicted: Float64Array, counts: number[]) =>
  new RankedPrediction(actual, predicted).measure(resampleOf(actual, rank(actual), Uint16Array.from(counts)));

describe('the five figures of a cell', () => {
  it('work out by hand', () => {
    // Errors 5, 10, -20, 1: squares 25 + 100 + 400 + 1. Predicted order: 10, 30, 0, 0; shares 1/4, 1, 1, 1.
    const cell = measure(Float64Array.of(0, 10, 30, 0), Float64Array.of(5, 20, 10, 1), [1, 1, 1, 1]);
    expect(cell.rmse).toBeCloseTo(Math.sqrt(526 / 4), 12);
    expect(cell.absoluteBias).toBeCloseTo(0.1, 12);
    // 2 * mean(1/4, 1, 1, 1) - 1 = 5/8 over the perfect 2 * mean(3/4, 1, 1, 1) - 1 = 7/8.
    expect(cell.gini).toBeCloseTo(5 / 7, 12);
    // Ranks of the actual values 1.5, 3, 4, 1.5 and of the predictions 2, 4, 3, 1: covariance 3.5, variances 4.5 and 5.
    expect(cell.spearman).toBeCloseTo(3.5 / Math.sqrt(4.5 * 5), 12);
    // 10 / 10, 20 / 30, then against the mean of all, 10: 5 / 10, 1 / 10.
    expect(cell.decileMape).toBeCloseTo((10 / 10 + 20 / 30 + 5 / 10 + 1 / 10) / 4, 12);
  });

  it('count a customer as often as it is drawn, like the metrics of a table of its copies', () => {
    const random = new Random('resample');
    const customers = 157;
    // Many ties on both sides, as real customers have.
    const actual = Float64Array.from({ length: customers }, () => (random.uniform() < 0.6 ? 0 : random.integer(40)));
    const predicted = Float64Array.from({ length: customers }, () => random.integer(12));
    const counts = Array.from({ length: customers }, () => random.integer(4));
    const copies = (values: Float64Array) => Array.from(values).flatMap((value, i) => Array(counts[i]!).fill(value));
    const [drawnActual, drawn] = [copies(actual), copies(predicted)];
    const cell = measure(actual, predicted, counts);
    expect(cell.gini).toBeCloseTo(normalizedGini(drawnActual, drawn)!, 10);
    expect(cell.spearman).toBeCloseTo(spearman(drawnActual, drawn)!, 10);
    expect(cell.decileMape).toBeCloseTo(decileMape(drawnActual, drawn)!, 10);
    expect(cell.rmse).toBeCloseTo(rootMeanSquaredError(drawnActual, drawn), 10);
    expect(cell.absoluteBias).toBeCloseTo(Math.abs(bias(drawnActual, drawn)!), 10);
  });
});

import { describe, expect, it } from 'vitest';
import { bootstrapCells, RankedPrediction, resampleOf } from '../../bench/quality/cell-bootstrap.js';
import { advantageOf, compareWithBest } from '../../bench/quality/verdicts.js';
import { Random } from '../../src/random.js';
import { decileMape, normalizedGini, rank, spearman } from '../../src/ml/training/metrics/ranking.js';
import { bias, rootMeanSquaredError } from '../../src/ml/training/metrics/regression.js';

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

describe('verdicts', () => {
  const random = new Random('verdicts');
  const truth = Float64Array.from({ length: 2_000 }, () => random.exponential());
  const noisy = (scale: number) => truth.map((value) => Math.max(0, value + random.normal(0, scale)));
  const seeds = [noisy(0.3), noisy(0.3)];
  const twin = seeds.map((run) => run.map((value) => value + random.normal(0, 1e-4)));

  it('take the best peer of each metric, and average over seeds', async () => {
    const models = new Map([
      ['ours', seeds],
      ['rough', [noisy(2)]],
      ['twin', twin],
    ]);
    const draws = await bootstrapCells(truth, models, 200, { seed: 'test' });
    const gini = (predicted: Float64Array) => normalizedGini(truth, predicted)!;
    expect(draws.get('ours')!.gini[0]).toBeCloseTo((gini(seeds[0]!) + gini(seeds[1]!)) / 2, 10);

    const alone = compareWithBest(draws, ['rough']);
    expect(alone).toHaveLength(5);
    for (const { metric, verdict, bestPeer } of alone.filter(({ metric }) => metric !== 'absoluteBias')) {
      expect([metric, bestPeer, verdict]).toEqual([metric, 'rough', 'significantly better']);
    }
    const besideTwin = compareWithBest(draws, ['rough', 'twin']);
    const rmse = besideTwin.find(({ metric }) => metric === 'rmse')!;
    expect(rmse.bestPeer).toBe('twin');
    expect(['better', 'not significantly worse']).toContain(rmse.verdict);
    expect(advantageOf(draws, 'rmse', 'rough', 'ours').upper).toBeLessThan(0);
  });

  it('say worse where ours is', async () => {
    const models = new Map([
      ['ours', [noisy(2)]],
      ['peer', [noisy(0.3)]],
    ]);
    const [gini] = compareWithBest(await bootstrapCells(truth, models, 200, { seed: 'test' }), ['peer']);
    expect(gini).toMatchObject({ metric: 'gini', verdict: 'worse' });
    expect(gini!.advantage.upper).toBeLessThan(0);
  });
});

import { describe, expect, it } from 'vitest';
import { bootstrapCells } from '../../../bench/quality/cell-bootstrap.js';
import { advantageOf, compareWithBest } from '../../../bench/quality/verdicts.js';
import { Random } from '../../../src/random.js';
import { normalizedGini } from '../../../src/ml/training/metrics/ranking.js';

describe('verdicts', () => {
  const random = new Random('verdicts');
  const truth = Float64Array.from({ length: 2_000 }, () => random.exponential(1));
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

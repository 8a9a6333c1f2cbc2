import { describe, expect, it } from 'vitest';
import { giniLift } from '../../../src/ml/training/gini-lift.js';
import { pairedBootstrap } from '../../../src/ml/training/metrics/paired-bootstrap.js';
import { normalizedGini } from '../../../src/ml/training/metrics/ranking.js';
import { Random } from '../../../src/random.js';

const random = new Random(8);
function sample(count: number, step = 1) {
  const actual = Array.from({ length: count }, () => (random.uniform() < 0.6 ? 0 : random.gamma(1, 0.02)));
  // Many customers are tied.
  const predicted = (noise: number) =>
    actual.map((value) => Math.round(Math.abs(value + random.normal(0, noise)) / step));
  return { actual, model: predicted(20), reference: { name: 'prior', scores: predicted(40) } };
}

describe('the lift in Gini', () => {
  it('has the interval of the plain paired bootstrap, ties and all', async () => {
    const { actual, model, reference } = sample(400, 40);
    const lift = giniLift(actual, model, reference)!;
    const plain = await pairedBootstrap(normalizedGini, {
      a: model,
      b: reference.scores,
      actual,
      draws: 1_000,
      seed: 'other',
    });
    expect(lift.difference).toBeCloseTo(plain.difference, 12);
    expect(lift.reference).toBe('prior');
    const width = plain.upper - plain.lower;
    expect(Math.abs(lift.lower - plain.lower)).toBeLessThan(0.1 * width);
    expect(Math.abs(lift.upper - plain.upper)).toBeLessThan(0.1 * width);
  });

  it('narrows with the root of the customers, also where they are thinned out', () => {
    const { actual, model, reference } = sample(1_000);
    const many = (values: readonly number[]) => Array.from({ length: 20 }, () => values).flat();
    const width = (lift: { lower: number; upper: number } | null) => lift!.upper - lift!.lower;
    const ratio =
      width(giniLift(actual, model, reference)) /
      width(giniLift(many(actual), many(model), { name: 'prior', scores: many(reference.scores) }));
    expect(ratio / Math.sqrt(20)).toBeGreaterThan(0.85);
    expect(ratio / Math.sqrt(20)).toBeLessThan(1.15);
  });

  it.each([
    [1, false],
    [4, false],
    [5, true],
  ])('where %d of 100 customers bought is told from chance: %s', (buyers, isTold) => {
    const actual = Array.from({ length: 100 }, (_, i) => (i < buyers ? 10 + i : 0));
    const model = actual.map((_, i) => 100 - i);
    // Ranks every buyer in the middle.
    const reference = { name: 'prior', scores: model.map((_, i) => (i < buyers ? 50 : i)) };
    const { difference, lower } = giniLift(actual, model, reference)!;
    expect(difference).toBeGreaterThan(0.3);
    expect(lower > 0).toBe(isTold);
  });

  it('is undefined where nobody bought', () => {
    expect(giniLift([0, 0], [1, 2], { name: 'prior', scores: [2, 1] })).toBeNull();
  });
});

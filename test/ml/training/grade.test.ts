import { describe, expect, it } from 'vitest';
import { type EvaluationReport, evaluate } from '../../../src/ml/training/evaluation.js';
import { gradeOf } from '../../../src/ml/training/grade.js';

const distribution = [0, 1, 2, 3, 4].map((i) => ({ logit: i - 1, mu: i, sigma: 1 }));
const actual = [0, 0, 5, 20, 80];

function report(model: number[], prior: number[], naive: number[]): EvaluationReport {
  return evaluate({
    asOf: '2024-01-01T00:00:00.000Z',
    horizonDays: 90,
    actual,
    model: { expectedValue: model, distribution },
    prior: { expectedValue: prior, distribution },
    naiveRanks: { 'total spend': naive, reversed: [5, 4, 3, 2, 1] },
  });
}

describe('an evaluation', () => {
  it('sets the model beside the prior and the better of the naive ranks', () => {
    const { model, prior, naiveRank } = report([1, 2, 8, 22, 70], [2, 1, 8, 22, 70], [1, 1, 1, 2, 3]);
    expect(naiveRank.name).toBe('total spend');
    expect(model.normalizedGini).toBeCloseTo(1, 10);
    expect(model.rmse).toBeCloseTo(Math.sqrt((1 + 4 + 9 + 4 + 100) / 5), 10);
    expect(prior.customers).toBe(5);
    expect(model.coverage95).toBeGreaterThanOrEqual(model.coverage80!);
  });
});

describe('a grade', () => {
  const best = [1, 2, 8, 22, 72];
  it('is A for a better ranking at the right level', () => {
    expect(gradeOf(report(best, [1, 2, 22, 8, 72], [3, 1, 1, 2, 2.5]))).toBe('A');
  });

  it('is C for the same ranking', () => {
    expect(gradeOf(report(best, best, best))).toBe('C');
  });

  it('is E for a much worse ranking, and one worse when the level is far off', () => {
    expect(gradeOf(report([72, 22, 8, 2, 1], best, best))).toBe('E');
    expect(
      gradeOf(
        report(
          best.map((value) => value * 2),
          [1, 2, 22, 8, 72],
          [3, 1, 1, 2, 2.5],
        ),
      ),
    ).toBe('B');
  });
});

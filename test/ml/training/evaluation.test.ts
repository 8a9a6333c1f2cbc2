import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/ml/training/evaluation.js';

describe('an evaluation', () => {
  it('tells what the model expected of each tenth of its customers, and what they spent', () => {
    const actual = Array.from({ length: 20 }, (_, i) => i);
    const expectedValue = actual.map((value) => 2 * value);
    const predictions = { expectedValue, distribution: actual.map(() => ({ logit: 0, mu: 1, sigma: 1 })) };
    const { deciles } = evaluate({
      asOf: '2026-01-01T00:00:00.000Z',
      horizonDays: 365,
      actual,
      model: predictions,
      prior: { ...predictions, expectedValue: actual.toReversed() },
      naiveRanks: { 'total spend': actual.map(() => 1) },
    });
    expect(deciles).toHaveLength(10);
    expect(deciles![0]).toEqual({ customers: 2, meanPredicted: 37, meanActual: 18.5 });
    expect(deciles![9]).toEqual({ customers: 2, meanPredicted: 1, meanActual: 0.5 });
  });
});

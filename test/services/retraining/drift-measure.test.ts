import { describe, expect, it } from 'vitest';
import type { Scaler } from '../../../src/ml/features/scaler.js';
import { measureOf } from '../../../src/services/retraining/drift-measure.js';

describe('the drift score', () => {
  const scaler: Scaler = {
    seasons: true,
    features: [
      {
        name: 'total_spend',
        transform: 'identity',
        lower: 0,
        upper: 31,
        median: 0,
        mean: 0,
        std: 1,
        used: true,
        missingToken: false,
      },
    ],
  };
  const side = (customers: number, shift: number) => ({
    rows: Array.from({ length: customers }, (_, i) => ({ features: [((i * 7) % 31) + shift] })),
    predictions: Array.from({ length: customers }, (_, i) => ({ expectedValue: ((i * 11) % 37) + shift })),
  });

  it('is nothing where the indices are within what chance makes of few customers', () => {
    const { score, prediction, features } = measureOf(scaler, side(30, 0), side(30, 2));
    for (const { psi, noise } of [prediction!, ...features]) {
      expect(psi).toBeGreaterThan(0);
      expect(psi).toBeLessThan(noise);
    }
    expect(score).toBe(0);
  });

  it('is the larger of the prediction’s index and the mean over the features, where they are not', () => {
    const { score, prediction, features } = measureOf(scaler, side(3_000, 0), side(3_000, 9));
    expect(score).toBe(Math.max(prediction!.psi, features[0]!.psi));
    expect(score).toBeGreaterThan(prediction!.noise);
  });

  it('is the mean over those features that the model reads, which are listed by how far they moved', () => {
    const [feature] = scaler.features;
    const three: Scaler = {
      seasons: true,
      features: [
        feature!,
        { ...feature!, name: 'repeat_days' },
        { ...feature!, name: 'age_days', used: false },
        { ...feature!, name: 'items_per_occasion' },
      ],
    };
    const moved = (shifts: readonly number[]) => ({
      rows: Array.from({ length: 3_000 }, (_, i) => ({ features: shifts.map((shift) => ((i * 7) % 31) + shift) })),
      predictions: side(3_000, 0).predictions,
    });
    const { score, features, prediction } = measureOf(three, moved([0, 0, 0, 0]), moved([3, 9, 30, 0]));
    expect(features.map(({ name }) => name)).toEqual(['repeat_days', 'total_spend', 'items_per_occasion']);
    expect(prediction!.psi).toBe(0);
    expect(score).toBeCloseTo((features[0]!.psi + features[1]!.psi) / 3, 12);
  });
});

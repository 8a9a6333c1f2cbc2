import { describe, expect, it } from 'vitest';
import type { StoredPrediction } from '../../../src/services/predictions/prediction-store.js';
import { PredictionMemory, type ReadAt } from '../../../src/services/predictions/prediction-memory.js';

const prediction: StoredPrediction = {
  customerId: '7',
  basis: 'MODEL',
  basisReason: null,
  expectedValue: 120,
  purchaseProbability: 0.5,
  mu: 5,
  sigma: 1,
  expectedOrders: 2,
  percentile: 80,
  featureHash: 'hash',
  computedAt: new Date('2025-07-01T00:00:00Z'),
};
const period = { modelId: '1', horizonDays: 365, asOf: new Date('2025-07-01T00:00:00Z') };
const readAt: ReadAt = { ranking: '900', period, factsVersion: '2025-06-30 12:00:00.000001+00' };

describe('predictions in memory', () => {
  it('answer for the very state that they were read in', () => {
    const memory = new PredictionMemory();
    expect(memory.recall('7', readAt)).toBeUndefined();
    memory.keep('7', prediction, readAt);
    expect(memory.recall('7', { ...readAt, period: { ...period, asOf: new Date(period.asOf) } })).toBe(prediction);
    memory.keep('8', null, readAt);
    expect(memory.recall('8', readAt)).toBeNull();
  });

  it.each<[string, Partial<ReadAt>]>([
    ['the base was ranked anew', { ranking: '901' }],
    ['a fact changed, be it by a microsecond', { factsVersion: '2025-06-30 12:00:00.000002+00' }],
    ['another model serves', { period: { ...period, modelId: '2' } }],
    ['another day has begun', { period: { ...period, asOf: new Date('2025-07-02T00:00:00Z') } }],
    ['another horizon is asked for', { period: { ...period, horizonDays: 90 } }],
  ])('hold no longer once %s', (_what, changed) => {
    const memory = new PredictionMemory();
    memory.keep('7', prediction, readAt);
    expect(memory.recall('7', { ...readAt, ...changed })).toBeUndefined();
  });
});

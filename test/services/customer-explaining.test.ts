import { describe, expect, it } from 'vitest';
import { featureDefinitions } from '../../src/ml/features/feature-definitions.js';
import type { FeatureRow } from '../../src/ml/features/feature-row.js';
import type { RfmSummary } from '../../src/ml/features/prior/rfm-summary.js';
import { sigmoid } from '../../src/math.js';
import { Random } from '../../src/random.js';
import { explainCustomers } from '../../src/services/customer-explaining.js';
import { scoreCustomers } from '../../src/services/customer-scoring.js';
import type { PriorModel } from '../../src/services/prior-models.js';
import { CDNOW_PRIOR, randomCustomer } from '../ml/features/prior/shops.js';

const learntDays = 90;

/** The prior alone, because training had too little to learn from, but with a level that was looked at. */
const model: PriorModel = {
  version: null,
  bundle: {
    scaler: { features: [], seasons: false },
    prior: CDNOW_PRIOR,
    scale: { valueScale: 50, residualSigma: 0.9, largestValue: 1e9 },
    maxTokens: 1,
    level: {
      calibration: 0,
      ratio: 1,
      horizonDays: learntDays,
      outlook: [
        { days: learntDays, spent: 900, expected: 1_000 },
        { days: 8 * learntDays, spent: 5_000, expected: 7_000 },
      ],
    },
    typical: { numeric: [], rfm: { frequency: 2, recency: 150, age: 300, monetary: 40, firstValue: 35 } },
    activationRanges: null,
    priorOnly: 'INSUFFICIENT_HISTORY',
  },
};

function rowOf({ frequency, recency, age, monetary, firstValue }: RfmSummary): FeatureRow {
  const known: Record<string, number> = {
    repeat_days: frequency,
    recency_span_days: recency,
    age_days: age,
    repeat_mean_value: monetary,
    first_occasion_value: firstValue,
  };
  const features = featureDefinitions.map(({ name }) => known[name] ?? null);
  return { customerId: '1', asOf: new Date('2026-01-01T00:00:00Z'), features, narrative: [] };
}

describe('an explanation of the prior alone', () => {
  it.each([30, learntDays, 180, 365, 1_095])('leaves nothing over %i days unexplained', async (horizonDays) => {
    const random = new Random(4);
    const rows = Array.from({ length: 40 }, () => rowOf(randomCustomer(random)));
    const scored = await scoreCustomers(model, rows, { horizonDays });
    const kept = { percentile: null, computedAt: new Date() };
    const customers = rows.map((row, i) => ({
      row,
      prediction: { ...scored[i]!, ...kept, purchaseProbability: sigmoid(scored[i]!.logit) },
    }));
    for (const { residual } of await explainCustomers(model, customers, horizonDays)) {
      expect(Math.abs(residual)).toBeLessThanOrEqual(0.03);
    }
  });
});

import { featureDefinitions } from '../../src/ml/features/feature-definitions.js';
import type { FeatureRow } from '../../src/ml/features/feature-row.js';
import type { RfmSummary } from '../../src/ml/features/prior/rfm-summary.js';

/** The features of a customer of whom nothing but this is known. */
export function rfmRow({ frequency, recency, age, monetary, firstValue }: RfmSummary, asOf: Date): FeatureRow {
  const known: Record<string, number> = {
    repeat_days: frequency,
    recency_span_days: recency,
    age_days: age,
    repeat_mean_value: monetary,
    first_occasion_value: firstValue,
  };
  const features = featureDefinitions.map(({ name }) => known[name] ?? null);
  return { customerId: '1', asOf, features, narrative: [] };
}

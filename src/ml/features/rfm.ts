import { featureValue } from './feature-definitions.js';
import type { FeatureRow } from './feature-row.js';
import type { RfmSummary } from './prior/rfm-summary.js';

/** The prior's inputs, from a customer's features. */
export function rfmOf(features: FeatureRow['features']): RfmSummary {
  const deviation = featureValue(features, 'gap_std_days');
  return {
    frequency: featureValue(features, 'repeat_days')!,
    recency: featureValue(features, 'recency_span_days')!,
    age: featureValue(features, 'age_days')!,
    monetary: featureValue(features, 'repeat_mean_value')!,
    firstValue: featureValue(features, 'first_occasion_value')!,
    ...(deviation !== null && { gapVariation: deviation / featureValue(features, 'gap_mean_days')! }),
  };
}

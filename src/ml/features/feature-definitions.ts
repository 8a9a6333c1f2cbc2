import type { FeatureDefinition } from './feature-row.js';

type Definition = [
  name: string,
  label: string,
  group: FeatureDefinition['group'],
  unit: FeatureDefinition['unit'],
  transform: FeatureDefinition['transform'],
  missing?: 'missingToken',
];

/**
 * All features, in the order of `FeatureRow.features`. `feature-statement.ts` computes a column of each name. A purchase occasion is a
 * UTC day with positive net spend; "missing" is null.
 */
const definitions: readonly Definition[] = [
  // The inputs of the buy-till-you-die prior: x, t_x, T, m (Fader & Hardie).
  ['repeat_days', 'Repeat purchases', 'frequency', 'count', 'log1p'],
  ['recency_span_days', 'Days from first to last purchase', 'tenure', 'days', 'log1p'],
  ['age_days', 'Days since first purchase', 'tenure', 'days', 'log1p'],
  ['repeat_mean_value', 'Value of a repeat purchase', 'spend', 'money', 'log1p'],

  ['days_since_last', 'Days since last purchase', 'recency', 'days', 'log1p'],
  ['total_spend', 'Total spend', 'spend', 'money', 'signedLog1p'],
  ['mean_occasion_value', 'Value of a purchase', 'spend', 'money', 'log1p'],
  ['max_occasion_value', 'Largest purchase', 'spend', 'money', 'log1p'],
  ['first_occasion_value', 'First purchase', 'spend', 'money', 'log1p'],
  ['last_occasion_value', 'Last purchase', 'spend', 'money', 'log1p'],
  ['spend_30', 'Spend in the last 30 days', 'spend', 'money', 'signedLog1p'],
  ['spend_90', 'Spend in the last 90 days', 'spend', 'money', 'signedLog1p'],
  ['spend_180', 'Spend in the last 180 days', 'spend', 'money', 'signedLog1p'],
  ['spend_365', 'Spend in the last 365 days', 'spend', 'money', 'signedLog1p'],
  ['occasions_30', 'Purchases in the last 30 days', 'frequency', 'count', 'log1p'],
  ['occasions_90', 'Purchases in the last 90 days', 'frequency', 'count', 'log1p'],
  ['occasions_180', 'Purchases in the last 180 days', 'frequency', 'count', 'log1p'],
  ['occasions_365', 'Purchases in the last 365 days', 'frequency', 'count', 'log1p'],
  // Missing without a repeat purchase, which repeat_days says already.
  ['spend_trend', 'Recent against earlier spend', 'trend', 'ratio', 'identity'],
  ['gap_mean_days', 'Days between purchases', 'cadence', 'days', 'log1p'],
  ['gap_std_days', 'Irregularity of the days between purchases', 'cadence', 'days', 'log1p'],
  ['recency_over_gap', 'Overdue: days since last purchase over the usual', 'cadence', 'ratio', 'log1p'],

  ['items_per_occasion', 'Items per purchase', 'basket', 'count', 'log1p'],
  ['products_per_occasion', 'Different products per purchase', 'basket', 'count', 'log1p', 'missingToken'],
  // Missing together with products_per_occasion.
  ['distinct_products', 'Different products bought', 'categories', 'count', 'log1p'],
  ['reordered_share', 'Share of products bought again', 'categories', 'ratio', 'identity'],
  ['category_diversity', 'Variety of categories', 'categories', 'ratio', 'log1p', 'missingToken'],
  ['return_rate', 'Share of spend returned', 'returns', 'ratio', 'identity'],

  ['browse_90', 'Page views in the last 90 days', 'engagement', 'count', 'log1p', 'missingToken'],
  ['search_90', 'Searches in the last 90 days', 'engagement', 'count', 'log1p', 'missingToken'],
  ['click_90', 'Clicks in the last 90 days', 'engagement', 'count', 'log1p', 'missingToken'],
  ['cart_90', 'Additions to the cart in the last 90 days', 'engagement', 'count', 'log1p', 'missingToken'],
  ['email_open_90', 'E-mails opened in the last 90 days', 'engagement', 'count', 'log1p', 'missingToken'],
  ['ticket_90', 'Support tickets in the last 90 days', 'support', 'count', 'log1p', 'missingToken'],
  ['review_90', 'Reviews in the last 90 days', 'support', 'count', 'log1p', 'missingToken'],
  ['days_since_event', 'Days since last activity', 'engagement', 'days', 'log1p', 'missingToken'],
  ['review_stars', 'Stars of the latest review', 'support', 'count', 'identity', 'missingToken'],

  ['season_sin', 'Time of year', 'season', 'ratio', 'identity'],
  ['season_cos', 'Time of year', 'season', 'ratio', 'identity'],
  ['season_share', 'Share of spend in the coming season', 'season', 'ratio', 'identity', 'missingToken'],
];

export const featureDefinitions: readonly FeatureDefinition[] = definitions.map(
  ([name, label, group, unit, transform, missing]) => {
    return { name, label, group, unit, transform, missingToken: missing !== undefined };
  },
);

const positions = new Map(featureDefinitions.map(({ name }, index) => [name, index]));

/** Where its value stands in `FeatureRow.features`. @throws RangeError where there is no such feature */
export function featurePosition(name: string): number {
  const position = positions.get(name);
  if (position === undefined) throw new RangeError(`There is no feature ${name}.`);
  return position;
}

/** @returns the raw value of a feature, null where missing */
export function featureValue(features: readonly (number | null)[], name: string): number | null {
  return features[featurePosition(name)] ?? null;
}

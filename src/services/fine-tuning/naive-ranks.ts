import { featureValue } from '../../ml/features/feature-definitions.js';
import type { FeatureRow } from '../../ml/features/feature-row.js';

/**
 * What one could rank customers by without any model: the scores that a prediction must beat to be worth its trouble
 * (docs/benchmarks/quality.md). In currency for the horizon, so that RMSE and bias mean something too.
 * @param features raw features of each customer
 */
export function naiveRanks(
  features: readonly FeatureRow['features'][],
  horizonDays: number,
): Record<string, readonly number[]> {
  const scores = (score: (value: (name: string) => number) => number) =>
    features.map((row) => score((name) => featureValue(row, name) ?? 0));
  const perHorizon = (spend: number, ageDays: number) => (spend * horizonDays) / Math.max(ageDays, 1);
  return {
    'total spend': scores((value) => value('total_spend')),
    'spend rate': scores((value) => perHorizon(value('total_spend'), value('age_days'))),
    'repeat spend': scores((value) => perHorizon(value('repeat_days') * value('repeat_mean_value'), value('age_days'))),
    'mean purchase': scores((value) => value('mean_occasion_value')),
  };
}

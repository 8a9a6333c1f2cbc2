import { dayMs, dayNumber, daysInMonth, monthsInYear } from '../../days.js';
import { featureValue } from './feature-definitions.js';
import type { FeatureRow } from './feature-row.js';

/** Features that change from day to day within a month, so that where customers are billed by months they mislead; see decision 163. */
const dailyFeatures = new Set([
  'days_since_last',
  'recency_over_gap',
  'spend_30',
  'spend_90',
  'occasions_30',
  'occasions_90',
]);

export const isDaily = (name: string): boolean => dailyFeatures.has(name);

/**
 * How many months a customer has let pass: how often the day of the month of the last purchase has come again before the as-of day. After a
 * purchase on the last day of a month it is the last one of each.
 */
export function monthsMissed({ features, asOf }: Pick<FeatureRow, 'features' | 'asOf'>): number {
  // A day later last days of months are first ones.
  const today = new Date((dayNumber(asOf) + 1) * dayMs);
  const last = new Date(today.getTime() - featureValue(features, 'days_since_last')! * dayMs);
  const months =
    (today.getUTCFullYear() - last.getUTCFullYear()) * monthsInYear + today.getUTCMonth() - last.getUTCMonth();
  const due = Math.min(last.getUTCDate(), daysInMonth(today.getUTCFullYear(), today.getUTCMonth()));
  return Math.max(0, due < today.getUTCDate() ? months : months - 1);
}

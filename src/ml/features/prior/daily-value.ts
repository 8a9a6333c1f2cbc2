import { mean } from '../../../math.js';
import type { BtydPrior } from './fit-prior.js';
import { predictPrior, predictPriorBatch } from './predict-prior.js';
import type { RfmColumns, RfmSummary } from './rfm-summary.js';
import { shopHorizon } from './clock/shop-clock.js';

/** Keeps logarithms finite. In currency. */
const smallest = 1e-9;

/**
 * What the prior expects of a customer a day of the horizon, in currency; on the seasonal clock where the prior has one,
 * so that it is the same at all times of the year. Above 0.
 */
export function dailyValue(prior: BtydPrior, customer: RfmSummary, horizonDays: number, asOf: Date): number {
  const { expectedValue } = predictPrior(prior, customer, horizonDays, asOf);
  return Math.max(expectedValue / shopHorizon(prior, asOf, horizonDays), smallest);
}

/** Most parts: so many that each is small beside the whole, and few enough for a snapshot to keep them all. */
const mostParts = 500;

/** Daily values of many customers, as the means of equal parts of them, ascending. */
export function dailyValues(prior: BtydPrior, customers: RfmColumns, horizonDays: number, asOf: Date): number[] {
  const length = shopHorizon(prior, asOf, horizonDays);
  const values = predictPriorBatch(prior, customers, horizonDays, asOf)
    .expectedValue.map((value) => Math.max(value / length, smallest))
    .sort();
  const parts = Math.min(values.length, mostParts);
  return Array.from({ length: parts }, (_, i) => {
    const part = values.subarray(
      Math.floor((i * values.length) / parts),
      Math.floor(((i + 1) * values.length) / parts),
    );
    return mean(part);
  });
}

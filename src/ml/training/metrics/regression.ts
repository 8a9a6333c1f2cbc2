import { mean, sum } from '../../../math.js';

/** Errors of predicted values, customer by customer. Both columns have the same length, above 0. */

export function meanSquaredError(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < actual.length; i++) sum += (predicted[i]! - actual[i]!) ** 2;
  return sum / actual.length;
}

export function rootMeanSquaredError(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  return Math.sqrt(meanSquaredError(actual, predicted));
}

export function meanAbsoluteError(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < actual.length; i++) sum += Math.abs(predicted[i]! - actual[i]!);
  return sum / actual.length;
}

/** R², the share of the variance that is explained; null where the actual values do not vary. */
export function rSquared(actual: ArrayLike<number>, predicted: ArrayLike<number>): number | null {
  const middle = mean(actual);
  let variance = 0;
  // Of equal amounts such as 9.99 the mean may be another number, by rounding.
  let varies = false;
  for (let i = 0; i < actual.length; i++) {
    variance += (actual[i]! - middle) ** 2;
    varies ||= actual[i] !== actual[0];
  }
  return varies && variance > 0 ? 1 - (meanSquaredError(actual, predicted) * actual.length) / variance : null;
}

/**
 * Sum of predictions over sum of actual values, minus 1. Null where the actual values do not sum to more than 0: if more was returned than
 * bought, the sign would be wrong.
 */
export function bias(actual: ArrayLike<number>, predicted: ArrayLike<number>): number | null {
  const total = sum(actual);
  return total > 0 ? sum(predicted) / total - 1 : null;
}

/** Share of customers whose actual value lies in [lower, upper]. */
export function intervalCoverage(
  actual: ArrayLike<number>,
  lower: ArrayLike<number>,
  upper: ArrayLike<number>,
): number {
  let inside = 0;
  for (let i = 0; i < actual.length; i++) if (actual[i]! >= lower[i]! && actual[i]! <= upper[i]!) inside++;
  return inside / actual.length;
}

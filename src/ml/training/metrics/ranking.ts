import { mean, sum } from '../../../math.js';
import { descendingOrder } from './descending-order.js';

/**
 * How well predictions order customers. Each of several customers with equal predictions counts as the mean of all of them: the figures
 * are the average over all orders of these customers, and do not depend on the order of the rows.
 */

/** Row numbers by falling key, cut into runs of equal keys: run k is order[starts[k]] to order[starts[k + 1] - 1]. */
export interface Ranking {
  order: Uint32Array;
  starts: number[];
}

export function rank(keys: ArrayLike<number>): Ranking {
  const order = descendingOrder(keys);
  const starts = [0];
  for (let i = 1; i < order.length; i++) if (keys[order[i]!]! < keys[order[i - 1]!]!) starts.push(i);
  starts.push(order.length);
  return { order, starts };
}

/** `values` by falling key, with equal keys levelled to their mean. */
export function sortedBy(keys: ArrayLike<number>, values: ArrayLike<number>): Float64Array {
  const { order, starts } = rank(keys);
  const sorted = new Float64Array(order.length);
  for (let i = 0; i < order.length; i++) sorted[i] = values[order[i]!]!;
  for (let k = 0; k + 1 < starts.length; k++) {
    const run = sorted.subarray(starts[k]!, starts[k + 1]!);
    if (run.length > 1) run.fill(mean(run));
  }
  return sorted;
}

/** Ranks from 1 (the smallest) up; equal values share the mean of their ranks. */
export function averageRanks(values: ArrayLike<number>): Float64Array {
  const { order, starts } = rank(values);
  const ranks = new Float64Array(values.length);
  for (let k = 0; k + 1 < starts.length; k++) {
    const shared = values.length - (starts[k]! + starts[k + 1]! - 1) / 2;
    for (let i = starts[k]!; i < starts[k + 1]!; i++) ranks[order[i]!] = shared;
  }
  return ranks;
}

/** Spearman's rank correlation, average ranks for ties; null where one side does not vary. */
export function spearman(actual: ArrayLike<number>, predicted: ArrayLike<number>): number | null {
  const left = averageRanks(actual);
  const right = averageRanks(predicted);
  const middle = (actual.length + 1) / 2;
  let [covariance, leftVariance, rightVariance] = [0, 0, 0];
  for (let i = 0; i < left.length; i++) {
    covariance += (left[i]! - middle) * (right[i]! - middle);
    leftVariance += (left[i]! - middle) ** 2;
    rightVariance += (right[i]! - middle) ** 2;
  }
  return leftVariance > 0 && rightVariance > 0 ? covariance / Math.sqrt(leftVariance * rightVariance) : null;
}

/**
 * Gini coefficient of the gain chart over that of the perfect order, as google/lifetime_value's `metrics.py`
 * (`cumulative_true`, `gini_from_gain`: 2 * mean(cumulative share) - 1, the model's divided by the labels' own).
 * 1 where the actual values are all alike, of which every order is perfect; null where they do not sum to something above 0.
 */
export function normalizedGini(actual: ArrayLike<number>, predicted: ArrayLike<number>): number | null {
  const model = rawGini(sortedBy(predicted, actual));
  const perfect = rawGini(sortedBy(actual, actual));
  return model === null || perfect === null ? null : model / perfect;
}

function rawGini(sortedValues: Float64Array): number | null {
  let cumulative = 0;
  let area = 0;
  for (const value of sortedValues) {
    cumulative += value;
    area += cumulative;
  }
  return cumulative > 0 ? (2 * area) / (cumulative * sortedValues.length) - 1 : null;
}

/** Where ten groups of equal size, to within one, begin and end: group k is positions bounds[k] to bounds[k + 1] - 1. */
export function decileBounds(count: number): number[] {
  return Array.from({ length: 11 }, (_, i) => Math.round((i * count) / 10));
}

export interface Decile {
  customers: number;
  actualMean: number;
  predictedMean: number;
}

/**
 * Ten groups of equal size (to within one customer) by falling prediction: the first holds the best tenth. With fewer
 * than ten customers there are fewer groups.
 */
export function deciles(actual: ArrayLike<number>, predicted: ArrayLike<number>): Decile[] {
  const byPrediction = { actual: sortedBy(predicted, actual), predicted: sortedBy(predicted, predicted) };
  const bounds = decileBounds(actual.length);
  return bounds.slice(1).flatMap((to, i) => {
    const from = bounds[i]!;
    if (to === from) return [];
    return {
      customers: to - from,
      actualMean: mean(byPrediction.actual.subarray(from, to)),
      predictedMean: mean(byPrediction.predicted.subarray(from, to)),
    };
  });
}

/**
 * Mean over the deciles of |mean prediction - mean actual| / |mean actual| (google/lifetime_value's `decile_stats`,
 * with deciles of equal size). A decile of actual mean 0 is measured against the mean of all customers instead; null
 * where that is 0 too.
 */
export function decileMape(actual: ArrayLike<number>, predicted: ArrayLike<number>): number | null {
  const groups = deciles(actual, predicted);
  const overall = groups.reduce((sum, group) => sum + group.customers * group.actualMean, 0) / actual.length;
  if (overall === 0) return null;
  const errors = groups.map(
    ({ actualMean, predictedMean }) => Math.abs(predictedMean - actualMean) / Math.abs(actualMean || overall),
  );
  return mean(errors);
}

/** Share of all actual value that the tenth of customers with the highest predictions has; null without any value. */
export function topDecileShare(actual: ArrayLike<number>, predicted: ArrayLike<number>): number | null {
  const sorted = sortedBy(predicted, actual);
  const all = sum(sorted);
  if (!(all > 0)) return null;
  return sum(sorted.subarray(0, Math.round(sorted.length / 10))) / all;
}

/**
 * Area under the ROC curve: the chance that a positive is scored above a negative, ties counting half (Mann-Whitney).
 * Null where only one of the two occurs.
 */
export function areaUnderRoc(positive: ArrayLike<boolean>, score: ArrayLike<number>): number | null {
  const ranks = averageRanks(score);
  let [positives, rankSum] = [0, 0];
  for (let i = 0; i < score.length; i++) {
    if (!positive[i]) continue;
    positives++;
    rankSum += ranks[i]!;
  }
  const negatives = score.length - positives;
  if (positives === 0 || negatives === 0) return null;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** Mean squared error of the probability of an event that did or did not happen (Brier 1950). */
export function brierScore(happened: ArrayLike<boolean>, probability: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < probability.length; i++) sum += (probability[i]! - (happened[i] ? 1 : 0)) ** 2;
  return sum / probability.length;
}

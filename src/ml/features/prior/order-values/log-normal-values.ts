import type { SpendRows } from './spend-rows.js';

/**
 * A customer's order values are log-normal about a mean of their own, which is log-normal among the customers whose first
 * purchase had the same value. For x orders of mean value m, with M the customer's mean and f the first value (m, M and f in
 * units of `typical`): log M ~ N(log level + firstWeight log f, between), log m ~ N(log M - s / 2, s), where
 * s = log(1 + (e^within - 1) / x) is the variance of the log of a mean of x log-normals by its moments (Fenton 1960, "The Sum
 * of Log-Normal Probability Distributions in Scatter Transmission Systems").
 *
 * Gamma-Gamma expects repeat orders in proportion to the first one; here they are in proportion to a power of it below 1, so
 * that of an order a hundred times the usual most is taken for chance.
 */
export interface LogNormalParameters {
  /** In currency. */
  typical: number;
  /** What those whose first purchase was a typical one spend an order, in units of `typical`: the median of their means. */
  level: number;
  /** The power of the first purchase's value; 0 to 1. */
  firstWeight: number;
  /** Variances of logarithms. */
  between: number;
  within: number;
}

/** Below this part of `typical` it does not matter how little a purchase was: it may have been a gift. */
const least = 0.01;
const logOf = (value: number): number => Math.log(Math.max(value, least));

/** Sums over the repeat buyers with the same number x of repeat purchases, of l = log m and k = log f. */
export interface LogValueSums {
  readonly x: number;
  readonly count: number;
  readonly l: number;
  readonly k: number;
  readonly ll: number;
  readonly kl: number;
  readonly kk: number;
}

/** @param rows in units of `typical` */
export function toLogValueSums(rows: SpendRows): LogValueSums[] {
  const sums = Array.from(rows.frequencies, (x) => ({ x, count: 0, l: 0, k: 0, ll: 0, kl: 0, kk: 0 }));
  rows.spend.forEach((spend, i) => {
    const sum = sums[rows.frequencyIndex[i]!]!;
    const l = logOf(spend / sum.x);
    const k = logOf(rows.first[i]!);
    sum.count++;
    sum.l += l;
    sum.k += k;
    sum.ll += l * l;
    sum.kl += k * l;
    sum.kk += k * k;
  });
  return sums;
}

/**
 * Log-likelihood of all customers' mean repeat values in units of `typical`, given their first purchases, and its gradient by
 * (level, between, within, firstWeight) into `gradient`.
 */
export function logNormalLogLikelihood(
  { level, firstWeight, between, within }: LogNormalParameters,
  sums: readonly LogValueSums[],
  gradient: Float64Array,
): number {
  let logLikelihood = 0;
  let [byLogLevel, byBetween, byWithin, byWeight] = [0, 0, 0, 0];
  for (const { x, count, l, k, ll, kl, kk } of sums) {
    const ofMean = varianceOfMean(within, x);
    const variance = ofMean + between;
    const centre = Math.log(level) - ofMean / 2;
    // Sums of the deviations l - centre - firstWeight k, of their squares, and of their products with k.
    const deviations = l - firstWeight * k - count * centre;
    const withFirst = kl - firstWeight * kk - centre * k;
    const squares =
      ll - 2 * firstWeight * kl + firstWeight ** 2 * kk - 2 * centre * (l - firstWeight * k) + count * centre ** 2;
    logLikelihood -= squares / (2 * variance) + (count / 2) * Math.log(2 * Math.PI * variance) + l;
    const byVariance = (squares / variance - count) / (2 * variance);
    byLogLevel += deviations / variance;
    byBetween += byVariance;
    byWithin += ((byVariance - deviations / (2 * variance)) * Math.exp(within)) / (x + Math.expm1(within));
    byWeight += withFirst / variance;
  }
  gradient.set([byLogLevel / level, byBetween, byWithin, byWeight].slice(0, gradient.length));
  return logLikelihood;
}

/** E[order value | x, m, f] in currency. */
export function logNormalOrderValue(
  { typical, level, firstWeight, between, within }: LogNormalParameters,
  x: number,
  monetary: number,
  firstValue: number,
): number {
  const expected = Math.log(level) + firstWeight * logOf(firstValue / typical);
  if (x === 0) return typical * Math.exp(expected + between / 2);
  const ofMean = varianceOfMean(within, x);
  const ownShare = between / (between + ofMean);
  const own = logOf(monetary / typical) + ofMean / 2;
  return typical * Math.exp(expected + ownShare * (own - expected) + (ownShare * ofMean) / 2);
}

const varianceOfMean = (within: number, x: number): number => Math.log1p(Math.expm1(within) / x);

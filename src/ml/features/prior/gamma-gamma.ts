import { digamma, logGamma } from '../../../math.js';
import { groupRows } from './group-rows.js';
import type { RfmColumns } from './rfm-summary.js';

/**
 * Gamma-Gamma: Fader, Hardie & Lee 2005 ("RFM and CLV") and Fader & Hardie 2013 ("The Gamma-Gamma Model of Monetary
 * Value"). A customer's repeat order values are Gamma(p, nu) with nu ~ Gamma(q, v), independent of how often they buy.
 *
 * The published model leaves the first purchase out, so that every one-time buyer is worth the population's mean. Here
 * its value f is evidence of nu too: nu | f ~ Gamma(q, v + c f). With c = 0 it is the published model.
 */
export interface GammaGammaParameters {
  p: number;
  /** Above 1, so that the population has a mean order value: p * v / (q - 1). */
  q: number;
  /** In currency. */
  v: number;
  /** c: what the first purchase's value counts, next to that of a repeat purchase; from 0. */
  firstWeight: number;
}

/** Repeat buyers' spend, and the sums that the likelihood needs for every distinct number of repeat purchases. */
export interface SpendRows {
  /** Sum of the repeat purchase days' values, x * m. */
  spend: Float64Array;
  /** Their first purchase days' values. */
  first: Float64Array;
  /** For every row, the index of its x among the distinct ones. */
  frequencyIndex: Int32Array;
  frequencies: Float64Array;
  frequencyCounts: Float64Array;
  /** Sum of log m over the customers with that x. */
  logMonetarySums: Float64Array;
}

type SpendColumns = Pick<RfmColumns, 'frequency' | 'monetary' | 'firstValue'>;

/** The customers with x > 0 and m > 0; values are divided by `scale`. */
export function toSpendRows({ frequency, monetary, firstValue }: SpendColumns, scale: number): SpendRows {
  const isBuyer = (_: number, i: number) => frequency[i]! > 0 && monetary[i]! > 0;
  const x = frequency.filter(isBuyer);
  const spend = monetary.filter(isBuyer).map((value, i) => (value / scale) * x[i]!);
  return withSums(
    x,
    spend,
    firstValue.filter(isBuyer).map((value) => value / scale),
  );
}

/** Every n-th buyer, at most `limit` of them. */
export function thinSpendRows(rows: SpendRows, limit: number): SpendRows {
  const stride = Math.ceil(rows.spend.length / limit);
  if (stride <= 1) return rows;
  const every = (column: Float64Array) => column.filter((_, i) => i % stride === 0);
  return withSums(
    every(Float64Array.from(rows.frequencyIndex, (index) => rows.frequencies[index]!)),
    every(rows.spend),
    every(rows.first),
  );
}

function withSums(x: Float64Array, spend: Float64Array, first: Float64Array): SpendRows {
  const { groupOf, firstRow, count } = groupRows([x]);
  const logMonetarySums = new Float64Array(firstRow.length);
  spend.forEach((value, i) => (logMonetarySums[groupOf[i]!]! += Math.log(value / x[i]!)));
  return {
    spend,
    first,
    frequencyIndex: groupOf,
    frequencies: Float64Array.from(firstRow, (row) => x[row]!),
    frequencyCounts: count,
    logMonetarySums,
  };
}

/**
 * Log-likelihood of all customers' mean repeat values, given their first purchases (note of 2013, equation 1a, with
 * v + c f for v), and its gradient by (p, q, v, c) into `gradient`.
 */
export function gammaGammaLogLikelihood(
  { p, q, v, firstWeight }: GammaGammaParameters,
  rows: SpendRows,
  gradient: Float64Array,
): number {
  const { frequencies, frequencyCounts, logMonetarySums } = rows;
  // Of log(v + c f), and of log(x m + v + c f) by x.
  let logScales = 0;
  const logSums = new Float64Array(frequencies.length);
  let [byV, byWeight] = [0, 0];
  for (let i = 0; i < rows.spend.length; i++) {
    const index = rows.frequencyIndex[i]!;
    const scale = v + firstWeight * rows.first[i]!;
    const sum = rows.spend[i]! + scale;
    logScales += Math.log(scale);
    logSums[index]! += Math.log(sum);
    const byScale = q / scale - (p * frequencies[index]! + q) / sum;
    byV += byScale;
    byWeight += byScale * rows.first[i]!;
  }
  const digammaQ = digamma(q);
  let logLikelihood = q * logScales;
  let byP = 0;
  let byQ = logScales;
  for (let i = 0; i < frequencies.length; i++) {
    const x = frequencies[i]!;
    const count = frequencyCounts[i]!;
    const shape = p * x;
    const digammaShape = digamma(shape + q);
    logLikelihood +=
      count * (logGamma(shape + q) - logGamma(shape) - logGamma(q) + shape * Math.log(x)) +
      (shape - 1) * logMonetarySums[i]! -
      (shape + q) * logSums[i]!;
    byP += x * (count * (digammaShape - digamma(shape) + Math.log(x)) + logMonetarySums[i]! - logSums[i]!);
    byQ += count * (digammaShape - digammaQ) - logSums[i]!;
  }
  gradient.set([byP, byQ, byV, byWeight]);
  return logLikelihood;
}

/**
 * E[order value | x, m, f] in currency (note of 2013, equation 5, with v + c f for v): that of customers who began
 * alike for x = 0, and the closer to the customer's own mean the more often they bought.
 */
export function expectedOrderValue(
  { p, q, v, firstWeight }: GammaGammaParameters,
  x: number,
  monetary: number,
  firstValue: number,
): number {
  return (p * (v + firstWeight * firstValue + x * monetary)) / (p * x + q - 1);
}

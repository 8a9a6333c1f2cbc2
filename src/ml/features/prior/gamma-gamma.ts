import { digamma, logGamma } from '../../../math.js';
import { groupRows } from './group-rows.js';

/**
 * Gamma-Gamma: Fader, Hardie & Lee 2005 ("RFM and CLV") and Fader & Hardie 2013 ("The Gamma-Gamma Model of Monetary
 * Value"). A customer's order values are Gamma(p, nu) with nu ~ Gamma(q, v), independent of how often they buy.
 */
export interface GammaGammaParameters {
  p: number;
  /** Above 1, so that the population has a mean order value: p * v / (q - 1). */
  q: number;
  /** In currency. */
  v: number;
}

/** Repeat buyers' spend, and the sums that the likelihood needs for every distinct number of repeat purchases. */
export interface SpendRows {
  /** Sum of the repeat purchase days' values, x * m. */
  spend: Float64Array;
  /** For every row, the index of its x among the distinct ones. */
  frequencyIndex: Int32Array;
  frequencies: Float64Array;
  frequencyCounts: Float64Array;
  /** Sum of log m over the customers with that x. */
  logMonetarySums: Float64Array;
}

/** The customers with x > 0 and m > 0; values are divided by `scale`. */
export function toSpendRows(frequency: Float64Array, monetary: Float64Array, scale: number): SpendRows {
  const isBuyer = (_: number, i: number) => frequency[i]! > 0 && monetary[i]! > 0;
  const x = frequency.filter(isBuyer);
  return withSums(
    x,
    monetary.filter(isBuyer).map((value, i) => (value / scale) * x[i]!),
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
  );
}

function withSums(x: Float64Array, spend: Float64Array): SpendRows {
  const { groupOf, firstRow, count } = groupRows([x]);
  const logMonetarySums = new Float64Array(firstRow.length);
  spend.forEach((value, i) => (logMonetarySums[groupOf[i]!]! += Math.log(value / x[i]!)));
  return {
    spend,
    frequencyIndex: groupOf,
    frequencies: Float64Array.from(firstRow, (row) => x[row]!),
    frequencyCounts: count,
    logMonetarySums,
  };
}

/** Log-likelihood of all customers (note of 2013, equation 1a), and its gradient by (p, q, v) into `gradient`. */
export function gammaGammaLogLikelihood(
  { p, q, v }: GammaGammaParameters,
  rows: SpendRows,
  gradient: Float64Array,
): number {
  const { frequencies, frequencyCounts, logMonetarySums } = rows;
  const logSums = new Float64Array(frequencies.length);
  const inverseSums = new Float64Array(frequencies.length);
  for (let i = 0; i < rows.spend.length; i++) {
    const sum = rows.spend[i]! + v;
    logSums[rows.frequencyIndex[i]!]! += Math.log(sum);
    inverseSums[rows.frequencyIndex[i]!]! += 1 / sum;
  }
  const constant = q * Math.log(v) - logGamma(q);
  const digammaQ = digamma(q);
  let logLikelihood = 0;
  let [byP, byQ, byV] = [0, 0, 0];
  for (let i = 0; i < frequencies.length; i++) {
    const x = frequencies[i]!;
    const count = frequencyCounts[i]!;
    const shape = p * x;
    const digammaShape = digamma(shape + q);
    logLikelihood +=
      count * (logGamma(shape + q) - logGamma(shape) + constant + shape * Math.log(x)) +
      (shape - 1) * logMonetarySums[i]! -
      (shape + q) * logSums[i]!;
    byP += x * (count * (digammaShape - digamma(shape) + Math.log(x)) + logMonetarySums[i]! - logSums[i]!);
    byQ += count * (digammaShape - digammaQ + Math.log(v)) - logSums[i]!;
    byV += (count * q) / v - (shape + q) * inverseSums[i]!;
  }
  gradient.set([byP, byQ, byV]);
  return logLikelihood;
}

/**
 * E[order value | x, m] in currency (note of 2013, equation 5): the population's mean for x = 0, and the closer to
 * the customer's own mean the more often they bought.
 */
export function expectedOrderValue({ p, q, v }: GammaGammaParameters, x: number, monetary: number): number {
  return (p * (v + x * monetary)) / (p * x + q - 1);
}

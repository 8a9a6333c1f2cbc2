import { digamma, logGamma } from '../../../../math.js';
import type { SpendRows } from './spend-rows.js';

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
  /** In currency: a first purchase of more is evidence as one of this value is. Absent where there is no such limit. */
  firstValueLimit?: number;
}

/**
 * Log-likelihood of all customers' mean repeat values, given their first purchases (note of 2013, equation 1a, with
 * v + c f for v), and its gradient by (p, q, v, c, the limit) into `gradient`, as far as that reaches.
 */
export function gammaGammaLogLikelihood(
  { p, q, v, firstWeight, firstValueLimit = Infinity }: GammaGammaParameters,
  rows: SpendRows,
  gradient: Float64Array,
): number {
  const { frequencies, frequencyCounts, logMonetarySums } = rows;
  // Sums of log(v + c f), and of log(x m + v + c f) by x.
  let logScales = 0;
  const logSums = new Float64Array(frequencies.length);
  let [byV, byWeight, byLimit] = [0, 0, 0];
  for (let i = 0; i < rows.spend.length; i++) {
    const index = rows.frequencyIndex[i]!;
    const first = Math.min(rows.first[i]!, firstValueLimit);
    const scale = v + firstWeight * first;
    const sum = rows.spend[i]! + scale;
    logScales += Math.log(scale);
    logSums[index]! += Math.log(sum);
    const byScale = q / scale - (p * frequencies[index]! + q) / sum;
    byV += byScale;
    byWeight += byScale * first;
    if (rows.first[i]! > firstValueLimit) byLimit += byScale * firstWeight;
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
  gradient.set([byP, byQ, byV, byWeight, byLimit].slice(0, gradient.length));
  return logLikelihood;
}

/** E[order value | x, m, f] in currency (note of 2013, equation 5, with v + c f for v). */
export function gammaGammaOrderValue(
  { p, q, v, firstWeight, firstValueLimit = Infinity }: GammaGammaParameters,
  x: number,
  monetary: number,
  firstValue: number,
): number {
  const first = Math.min(firstValue, firstValueLimit);
  return (p * (v + firstWeight * first + x * monetary)) / (p * x + q - 1);
}

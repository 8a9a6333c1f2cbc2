import { digamma, logGamma, sigmoid } from '../../../../math.js';
import type { PurchaseRows } from './purchase-rows.js';
import type { Times, TimesAhead } from './times.js';

/**
 * BG/NBD: Fader, Hardie & Lee 2005, "Counting Your Customers" the Easy Way. While alive a customer buys at rate
 * lambda ~ Gamma(r, alpha); after each repeat purchase they leave for good with probability p ~ Beta(a, b).
 */
export interface BgNbdParameters {
  r: number;
  /** In time units, as recency and age are. */
  alpha: number;
  a: number;
  b: number;
  /**
   * Whether they may leave after the first purchase, too: Modified BG/NBD (Batislam, Denizel & Filiztekin 2007, "Empirical
   * validation and comparison of models for customer base analysis").
   */
  leavesAtFirst: boolean;
}

/**
 * Log-likelihood of all customers, and its gradient by (r, alpha, a, b) into `gradient` (equation 6 of the paper, factored so that
 * nothing overflows).
 */
export function bgNbdLogLikelihood(parameters: BgNbdParameters, rows: PurchaseRows, gradient: Float64Array): number {
  const { r, alpha, a, b, leavesAtFirst } = parameters;
  const chances = leavesAtFirst ? 1 : 0;
  const { frequencies, frequencyCounts } = rows;
  const digammaR = digamma(r);
  const digammaB = digamma(b);
  const digammaAB = digamma(a + b);
  const constant = r * Math.log(alpha) - logGamma(r) + logGamma(a + b) - logGamma(b);
  const logLeave = new Float64Array(frequencies.length);
  let logLikelihood = 0;
  let [byR, byAlpha, byA, byB] = [0, 0, 0, 0];

  // What depends on x alone: the gamma functions, once for every distinct x.
  for (let i = 0; i < frequencies.length; i++) {
    const x = frequencies[i]!;
    const count = frequencyCounts[i]!;
    const stays = x + chances;
    logLeave[i] = stays > 0 ? Math.log(a / (b + stays - 1)) : -Infinity;
    logLikelihood += count * (constant + logGamma(r + x) + logGamma(b + stays) - logGamma(a + b + stays));
    byR += count * (digamma(r + x) - digammaR + Math.log(alpha));
    byAlpha += (count * r) / alpha;
    byA += count * (digammaAB - digamma(a + b + stays));
    byB += count * (digammaAB - digammaB + digamma(b + stays) - digamma(a + b + stays));
  }

  for (let i = 0; i < rows.count.length; i++) {
    const x = rows.frequency[i]!;
    const count = rows.count[i]!;
    const atEnd = alpha + rows.age[i]!;
    const logEnd = Math.log(atEnd);
    const stays = x + chances;
    if (stays === 0) {
      logLikelihood -= count * r * logEnd;
      byR -= count * logEnd;
      byAlpha -= (count * r) / atEnd;
      continue;
    }
    // Still alive at T, or left right after the last purchase: log-odds of the second, added in log space.
    const atLast = alpha + rows.recency[i]!;
    const logLast = Math.log(atLast);
    const odds = logLeave[rows.frequencyIndex[i]!]! + (r + x) * (logEnd - logLast);
    const exponential = Math.exp(-Math.abs(odds));
    const left = odds > 0 ? 1 / (1 + exponential) : exponential / (1 + exponential);
    logLikelihood += count * (Math.max(odds, 0) + Math.log1p(exponential) - (r + x) * logEnd);
    byR -= count * ((1 - left) * logEnd + left * logLast);
    byAlpha -= count * (r + x) * ((1 - left) / atEnd + left / atLast);
    byA += (count * left) / a;
    byB -= (count * left) / (b + stays - 1);
  }
  gradient.set([byR, byAlpha, byA, byB]);
  return logLikelihood;
}

/** P(alive at T | x, t_x, T) (Fader, Hardie & Lee 2008, "Computing P(alive) Using the BG/NBD Model"). */
export function bgNbdAlive(parameters: BgNbdParameters, x: number, { recency, age }: Times): number {
  const { r, alpha, a, b, leavesAtFirst } = parameters;
  const stays = leavesAtFirst ? x + 1 : x;
  if (stays === 0) return 1;
  return sigmoid(Math.log((b + stays - 1) / a) - (r + x) * Math.log((alpha + age) / (alpha + recency)));
}

/** P(x = 0 at T): of who leaves before buying again, and who has just not bought again. */
export function bgNbdSilent({ r, alpha, a, b, leavesAtFirst }: BgNbdParameters, { age }: Pick<Times, 'age'>): number {
  const leaves = leavesAtFirst ? a / (a + b) : 0;
  return leaves + (1 - leaves) * Math.exp(-r * Math.log1p(age / alpha));
}

/** P(at least one purchase in (T, T + t] | alive at T, x, T) = 1 - ((alpha + T) / (alpha + T + t))^(r + x). */
export function bgNbdBuys({ r, alpha }: BgNbdParameters, x: number, { age, t }: TimesAhead): number {
  return -Math.expm1(-(r + x) * Math.log1p(t / (alpha + age)));
}

/**
 * E[purchases in (T, T + t] | alive at T, x, T]: equation 10 of the paper without its P(alive) factor.
 *
 * The paper's 2F1(r + x, b + x; c; z), z = t / (alpha + T + t), grows without bound as z nears 1 and is divided by
 * a - 1. Euler's transformation turns it into (1 - z)^(a - 1 - r - x) * 2F1(c - r - x, a - 1; c; z), c = a + b + x - 1,
 * in which every term after the first carries the factor a - 1. That factor, and the c that multiplies the whole,
 * are cancelled by hand, so that neither a = 1 nor c = 0 needs a case of its own.
 */
export function bgNbdPurchases(parameters: BgNbdParameters, x: number, { age, t }: TimesAhead): number {
  const { r, alpha, a } = parameters;
  const b = parameters.leavesAtFirst ? parameters.b + 1 : parameters.b;
  const c = a + b + x - 1;
  const logRest = -Math.log1p(t / (alpha + age));
  const z = t / (alpha + age + t);
  let term = (c - r - x) * z;
  let series = term;
  for (let k = 1; Math.abs(term) > 1e-16 * Math.abs(series); k++) {
    term *= ((c - r - x + k) * (a - 1 + k) * z) / ((c + k) * (k + 1));
    series += term;
  }
  const first = a === 1 ? -logRest : -Math.expm1((a - 1) * logRest) / (a - 1);
  return c * first - Math.exp((a - 1) * logRest) * series;
}

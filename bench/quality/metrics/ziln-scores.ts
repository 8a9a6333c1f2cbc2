import { halfLogTwoPi, sigmoid } from '../../../src/math.js';
import type { ZilnParameters } from '../../../src/ml/model/ziln-distribution.js';
import { normalCdf } from './normal-cdf.js';

/**
 * How well a zero-inflated lognormal forecast a value: scores of one customer, to be averaged. A value below 0 (more
 * returned than bought) is outside the distribution.
 */

/**
 * Continuous ranked probability score E|X - y| - E|X - X'| / 2 (Gneiting & Raftery 2007, equation 21), in the unit of
 * the value; lower is better, and for a point forecast it is the absolute error. With X = 0 at probability 1 - p and
 * otherwise lognormal L with mean m: E|L - y| = y (2 F(z) - 1) + m (1 - 2 F(z - sigma)), z = (ln y - mu) / sigma, and
 * E|L - L'| = 2 m (2 F(sigma / sqrt 2) - 1), F the standard normal distribution function.
 */
export function zilnCrps(parameters: ZilnParameters, actual: number): number {
  const { logit, mu, sigma } = parameters;
  const p = sigmoid(logit);
  const none = sigmoid(-logit);
  const mean = Math.exp(mu + (sigma * sigma) / 2);
  const buyersDistance = actual > 0 ? lognormalDistance(mu, sigma, mean, actual) : mean - actual;
  const spread = p * mean * (none + p * (2 * normalCdf(sigma / Math.SQRT2) - 1));
  return none * Math.abs(actual) + p * buyersDistance - spread;
}

/** E|L - y| for y above 0. */
function lognormalDistance(mu: number, sigma: number, mean: number, y: number): number {
  const z = (Math.log(y) - mu) / sigma;
  return y * (2 * normalCdf(z) - 1) + mean * (1 - 2 * normalCdf(z - sigma));
}

/** Log of the probability of no value above 0, or of the density at a value above 0 (per unit of the value). */
export function zilnLogLikelihood({ logit, mu, sigma }: ZilnParameters, actual: number): number {
  if (actual <= 0) return -softplus(logit);
  const z = (Math.log(actual) - mu) / sigma;
  return -softplus(-logit) - Math.log(actual) - Math.log(sigma) - halfLogTwoPi - (z * z) / 2;
}

/** ln(1 + exp(x)), without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

import { normalQuantile, sigmoid } from '../../math.js';

/**
 * The zero-inflated lognormal of Wang, Liu & Miao 2019 ("A Deep Probabilistic Model for Customer Lifetime
 * Value Prediction"): 0 with probability 1 - p, else exp(mu + sigma * Z), where p = sigmoid(logit).
 */
export interface ZilnParameters {
  /** Log-odds of a purchase in the horizon. */
  logit: number;
  /** Location of the logarithm of the value, given a purchase. */
  mu: number;
  /** Scale of the logarithm of the value, given a purchase; above 0. */
  sigma: number;
}

/** Expected value, in the units of exp(mu). */
export function zilnMean({ logit, mu, sigma }: ZilnParameters): number {
  return sigmoid(logit) * Math.exp(mu + (sigma * sigma) / 2);
}

/**
 * The value that the customer stays at or below with probability `level` (0 to 1, both excluded).
 * It is 0 up to the probability of no purchase.
 */
export function zilnQuantile({ logit, mu, sigma }: ZilnParameters, level: number): number {
  const none = sigmoid(-logit);
  if (level <= none) return 0;
  return Math.exp(mu + sigma * normalQuantile((level - none) / sigmoid(logit)));
}

/**
 * An interval that holds the value with probability `level`. With equal tails, e.g. the 10 % to 90 % quantiles for 0.8,
 * where a purchase is likely enough; from 0 up to the quantile of `level` where no purchase is likelier than a tail: equal
 * tails would then hold more than they say, since nothing lies below 0.
 */
export function zilnInterval(parameters: ZilnParameters, level: number): { lower: number; upper: number } {
  const tail = (1 - level) / 2;
  if (sigmoid(-parameters.logit) >= tail) return { lower: 0, upper: zilnQuantile(parameters, level) };
  return { lower: zilnQuantile(parameters, tail), upper: zilnQuantile(parameters, 1 - tail) };
}

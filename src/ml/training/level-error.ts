import { normalQuantile, studentQuantile } from '../../math.js';
import type { Interval } from './gini-lift.js';

// Parts of the scale, as logarithms.
/** Years unlike those before, and whatever else no check can show. */
const unforeseen = 0.06;
/** What the sampling error of the checked level counts for, which tells of that of the learnt one, too. */
const ofSampling = 0.5;
/** Sampling error that counts at most, and where the check tells nothing: of greater ones little is known. */
const mostSampling = 0.25;

const degrees = 2;

/**
 * How sure the level of a model is: the logarithm of what customers will spend in all over what is predicted, apart from the chance of
 * each customer, is this scale times Student's t with two degrees of freedom (decision 160). Half of all levels are within 0.82 scales.
 * @param checked 95 % interval of the bias on held-out customers of the newest closed window; null where nothing was spent
 */
export function levelScale(checked: Interval | null): number {
  const error = checked
    ? Math.log((1 + checked.upper) / (1 + checked.lower)) / (2 * normalQuantile(0.975))
    : mostSampling;
  return Math.hypot(unforeseen, ofSampling * Math.min(error, mostSampling));
}

/** Quantile of what customers will spend in all over what is predicted. */
export const levelQuantile = (p: number, scale: number): number => Math.exp(scale * studentQuantile(p, degrees));

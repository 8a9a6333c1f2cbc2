import { clamp, normalQuantile, studentQuantile } from '../../math.js';
import type { EvaluationReport } from './evaluation.js';

// Parts of the scale, as logarithms.
/** Years unlike those before, and whatever else no check can show. */
const unforeseen = 0.06;
/** What the sampling error of the checked level counts for, which tells of that of the learnt one, too. */
const ofSampling = 0.5;
/** What a part of the customers may be off beside all of them, if it is a small one. */
const ofPart = 0.1;
/** Horizons twice as long as the checked one, and longer ones: what no check of the level has seen (decision 161). */
const ofFurtherDays = 0.08;
/** Sampling error that counts at most, and where the check tells nothing: of greater ones little is known. */
const mostSampling = 0.25;

const degrees = 2;

/** What the level is wanted for. */
export interface Forecast {
  /** Of all predicted value that the customers have, 0 to 1. */
  readonly share: number;
  readonly horizonDays: number;
}

/**
 * How sure the level of a model is: the logarithm of what customers will spend together over what is predicted, apart from the chance of
 * each customer, is this scale times Student's t with two degrees of freedom (decision 160). Half of all levels are within 0.82 scales.
 * @param checked on held-out customers of the newest closed window; null where there were none
 */
export function levelScale(
  checked: Pick<EvaluationReport, 'biasInterval' | 'horizonDays'> | null,
  { share, horizonDays }: Forecast,
): number {
  const interval = checked?.biasInterval;
  const error = interval
    ? Math.log((1 + interval.upper) / (1 + interval.lower)) / (2 * normalQuantile(0.975))
    : mostSampling;
  // Sums of the same numbers in another order may differ.
  const others = Math.max(1 - share, 0);
  const further = checked ? clamp(horizonDays / checked.horizonDays - 1, 0, 1) : 0;
  return Math.hypot(
    unforeseen,
    ofSampling * Math.min(error, mostSampling),
    ofPart * Math.sqrt(others),
    ofFurtherDays * further,
  );
}

/** Quantile of what customers will spend together over what is predicted. */
export const levelQuantile = (p: number, scale: number): number => Math.exp(scale * studentQuantile(p, degrees));

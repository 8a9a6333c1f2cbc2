import { dayMs, startOfDay } from '../../days.js';
import type { FeatureRow } from '../../ml/features/feature-row.js';
import { featureValue } from '../../ml/features/feature-definitions.js';
import type { PurchaseHistory } from './purchase-histories.js';

/** A customer has a rhythm with three gaps or more whose coefficient of variation is below this. */
const leastPurchaseDays = 4;
const mostIrregular = 0.5;
/** In mean gaps: whoever is overdue for longer has broken the rhythm. */
const longestOverdue = 0.5;

/** The prediction of a customer's orders in the horizon that begins on the as-of instant's day. */
interface PredictedOrders {
  readonly asOf: Date;
  readonly horizonDays: number;
  readonly predictedOrders: number;
  readonly purchaseProbability: number;
}

/** The part of a purchase history that shows a rhythm. */
type PurchaseRhythm = Pick<PurchaseHistory, 'purchaseDays' | 'lastDay' | 'gapMeanDays' | 'gapStdDays'>;

/** The numbers of a customer's history that tell the rhythm, out of features. */
export function rhythmOf({ asOf, features }: FeatureRow): PurchaseRhythm {
  return {
    purchaseDays: featureValue(features, 'repeat_days')! + 1,
    lastDay: new Date(startOfDay(asOf).getTime() - featureValue(features, 'days_since_last')! * dayMs),
    gapMeanDays: featureValue(features, 'gap_mean_days'),
    gapStdDays: featureValue(features, 'gap_std_days'),
  };
}

/**
 * Expected day of the next purchase, given that there is one within the horizon: by the customer's rhythm if there is one, otherwise the
 * day by which, at a constant rate, half of such purchases have come.
 */
export function expectedNextOrderDate(predicted: PredictedOrders, rhythm: PurchaseRhythm): Date {
  const { horizonDays } = predicted;
  const today = startOfDay(predicted.asOf);
  // Rounded as they are stored, so that a stored prediction gives the same date as a fresh one.
  const orders = Math.fround(predicted.predictedOrders);
  const probability = Math.fround(predicted.purchaseProbability);
  const days = daysToDue(rhythm, today) ?? medianDaysToOrder({ orders, probability }, horizonDays);
  return new Date(today.getTime() + Math.min(days, horizonDays) * dayMs);
}

/** Days until a mean gap after a regular buyer's last purchase, 0 where that is over; null for customers without a rhythm. */
function daysToDue({ purchaseDays, lastDay, gapMeanDays, gapStdDays }: PurchaseRhythm, today: Date): number | null {
  if (purchaseDays < leastPurchaseDays || !lastDay || !gapMeanDays || gapStdDays === null) return null;
  if (gapStdDays >= mostIrregular * gapMeanDays) return null;
  const due = gapMeanDays - (today.getTime() - lastDay.getTime()) / dayMs;
  return due < -longestOverdue * gapMeanDays ? null : Math.max(due, 0);
}

/**
 * Median days to the next purchase, given that it comes within the horizon h, at a constant rate λ: the mean would be later than most of
 * them. At λ, the mean number of purchases of those who buy within h is `orders / probability` (zero-truncated Poisson).
 */
export function medianDaysToOrder(
  { orders, probability }: { readonly orders: number; readonly probability: number },
  horizonDays: number,
): number {
  const x = truncatedPoissonRate(probability > 0 ? orders / probability : 1);
  return x === 0 ? horizonDays / 2 : (-horizonDays / x) * Math.log1p(Math.expm1(-x) / 2);
}

/** Solves x / (1 - e^-x) = mean by Newton's method, from above; 0 where the mean is not over 1. */
function truncatedPoissonRate(mean: number): number {
  if (!(mean > 1)) return 0;
  let x = Math.min(mean, 2 * (mean - 1));
  for (let i = 0; i < 50; i++) {
    const q = -Math.expm1(-x);
    const step = (x / q - mean) / ((q - x * Math.exp(-x)) / q ** 2);
    x -= step;
    if (!(Math.abs(step) > 1e-10 * x)) break;
  }
  return x;
}

import { dayMs } from '../../days.js';
import type { PurchaseHistory } from './purchase-histories.js';

/** Gaps that tell a rhythm: three of them, of a coefficient of variation below this. */
const leastPurchaseDays = 4;
const mostIrregular = 0.5;
/** Of a gap: who is longer overdue has broken the rhythm. */
const longestOverdue = 0.5;

/** What is predicted of a customer's orders in the horizon that begins at the as-of date. */
export interface PredictedOrders {
  readonly asOf: Date;
  readonly horizonDays: number;
  readonly predictedOrders: number;
  readonly purchaseProbability: number;
}

/**
 * When the next purchase is to be expected, if one comes within the horizon: by the customer's own rhythm where there is
 * one, else at a constant rate.
 */
export function expectedNextOrderDate(predicted: PredictedOrders, history: PurchaseHistory): Date {
  const { predictedOrders: orders, purchaseProbability: probability, horizonDays, asOf } = predicted;
  const days = daysToDue(history, asOf) ?? expectedDaysToOrder({ orders, probability }, horizonDays);
  return new Date(asOf.getTime() + Math.min(days, horizonDays) * dayMs);
}

/** Of regular buyers: a mean gap after the last purchase, and today where that is over; null for all others. */
function daysToDue({ purchaseDays, lastDay, gapMeanDays, gapStdDays }: PurchaseHistory, asOf: Date): number | null {
  if (purchaseDays < leastPurchaseDays || !lastDay || !gapMeanDays || gapStdDays === null) return null;
  if (gapStdDays >= mostIrregular * gapMeanDays) return null;
  const due = gapMeanDays - (asOf.getTime() - lastDay.getTime()) / dayMs;
  return due < -longestOverdue * gapMeanDays ? null : Math.max(due, 0);
}

/**
 * Mean days to the next purchase, given that it falls within the horizon h, of somebody who buys at the constant rate λ at
 * which those who buy within h at all buy `orders / probability` times (zero-truncated Poisson): E[T | T <= h] =
 * 1/λ - h / (e^(λ h) - 1).
 */
export function expectedDaysToOrder(
  { orders, probability }: { readonly orders: number; readonly probability: number },
  horizonDays: number,
): number {
  const x = truncatedPoissonRate(probability > 0 ? orders / probability : 1);
  // The two terms of the formula cancel where x is small; this is its series.
  if (x < 1e-4) return horizonDays * (0.5 - x / 12);
  return horizonDays * (1 / x - 1 / Math.expm1(x));
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

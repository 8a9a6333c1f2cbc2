import type { PredictionBasis } from '../entities/index.js';
import { logit } from '../math.js';
import { zilnInterval } from '../ml/model/ziln-distribution.js';
import type { ServedClv } from './predictions.service.js';
import type { PurchaseHistory } from './purchase-histories.js';
import type { PriorOnlyReason } from './serving-bundle.js';

/** Best first, each with the percentile that it begins at. */
export const tierBounds = { PLATINUM: 95, GOLD: 80, SILVER: 50, BRONZE: 0 } as const;
export type ClvTier = keyof typeof tierBounds;
export const clvTiers = Object.keys(tierBounds) as ClvTier[];

/** NONE: the customer has bought nothing of value before the as-of date. */
export type ClvBasis = PredictionBasis | 'NONE';
/** Of basis NONE. NO_PURCHASES: no order at all; NO_PAID_PURCHASES: orders, but on no day more was bought than returned. */
export const noBasisReasons = ['NO_PURCHASES', 'NO_PAID_PURCHASES'] as const;
export type ClvBasisReason = PriorOnlyReason | (typeof noBasisReasons)[number];

/** What the purchases before the as-of date add to a customer's value. Money in currency. */
export interface ClvHistory {
  readonly historic: number;
  readonly total: number;
  readonly averageOrderValue: number | null;
  readonly averageDaysBetweenOrders: number | null;
  /** Of basis NONE; null for others, whose reason is the prediction's. */
  readonly noBasisReason: (typeof noBasisReasons)[number] | null;
}

const dayMs = 86_400_000;
/** Money as callers see it. */
export const cents = (amount: number): number => Math.round(amount * 100) / 100;

/** A customer's value as callers see it, worked out as far as they ask. Money in `currency`. */
export class CustomerClv {
  constructor(
    /** What it rests on. */
    readonly served: ServedClv,
    readonly currency: string,
  ) {}

  get predicted(): number {
    return cents(this.served.prediction?.expectedValue ?? 0);
  }

  get purchaseProbability(): number {
    return this.served.prediction?.purchaseProbability ?? 0;
  }

  get churnProbability(): number {
    return 1 - this.purchaseProbability;
  }

  get predictedOrders(): number {
    return this.served.prediction?.expectedOrders ?? 0;
  }

  /** Null for basis NONE only. */
  get expectedNextOrderDate(): Date | null {
    if (!this.served.prediction) return null;
    const { predictedOrders: orders, purchaseProbability: probability } = this;
    return new Date(this.asOf.getTime() + expectedDaysToOrder({ orders, probability }, this.horizonDays) * dayMs);
  }

  /** Null until the base was scored for this horizon. */
  get percentile(): number | null {
    const { prediction } = this.served;
    return prediction ? prediction.percentile : 0;
  }

  get tier(): ClvTier | null {
    const { percentile } = this;
    return percentile === null ? null : tierOf(percentile);
  }

  get basis(): ClvBasis {
    return this.served.prediction?.basis ?? 'NONE';
  }

  get asOf(): Date {
    return this.served.period.asOf;
  }

  get horizonDays(): number {
    return this.served.period.horizonDays;
  }

  get computedAt(): Date {
    return this.served.prediction?.computedAt ?? new Date();
  }
}

export function toClvHistory({ predicted, basis }: CustomerClv, history: PurchaseHistory): ClvHistory {
  const { ordered, spend, meanOccasionValue, gapMeanDays } = history;
  const historic = cents(spend);
  return {
    historic,
    total: cents(historic + predicted),
    averageOrderValue: meanOccasionValue === null ? null : cents(meanOccasionValue),
    averageDaysBetweenOrders: gapMeanDays,
    noBasisReason: basis === 'NONE' ? noBasisReasons[ordered ? 1 : 0] : null,
  };
}

export function tierOf(percentile: number): ClvTier {
  return clvTiers.find((tier) => percentile >= tierBounds[tier]) ?? 'BRONZE';
}

/** The central interval that holds the spend in the horizon with probability `level`; 0 to 0 for basis NONE. */
export function intervalOf({ served: { prediction } }: CustomerClv, level: number): { lower: number; upper: number } {
  if (!prediction) return { lower: 0, upper: 0 };
  const { purchaseProbability, mu, sigma } = prediction;
  const { lower, upper } = zilnInterval({ logit: logit(purchaseProbability), mu, sigma }, level);
  return { lower: cents(lower), upper: cents(upper) };
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

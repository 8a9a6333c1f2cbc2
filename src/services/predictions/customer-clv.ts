import type { ClvTier, PredictionBasis } from '../../entities/index.js';
import { cents, complementOf, logit } from '../../math.js';
import { zilnInterval } from '../../ml/model/ziln-distribution.js';
import { expectedNextOrderDate } from '../customers/next-order-date.js';
import type { StoredPrediction } from './prediction-store.js';
import type { ServedClv } from './predictions.service.js';
import { tierOf } from './tiers.js';
import type { PurchaseHistory } from '../customers/purchase-histories.js';
import type { PriorOnlyReason } from '../models/serving-bundle.js';

/** NONE: the customer has bought nothing of value before the as-of date. */
export type ClvBasis = PredictionBasis | 'NONE';
/** Reasons for basis NONE. NO_PURCHASES: no order at all. NO_PAID_PURCHASES: orders, but on no day more was bought than returned. */
export const noBasisReasons = ['NO_PURCHASES', 'NO_PAID_PURCHASES'] as const;
export type ClvBasisReason = PriorOnlyReason | (typeof noBasisReasons)[number];

/** What the purchases before the as-of date add to a customer's value. Money in currency. */
export interface ClvHistory {
  readonly historic: number;
  readonly total: number;
  readonly averageOrderValue: number | null;
  readonly averageDaysBetweenOrders: number | null;
  /** Null for basis NONE only. */
  readonly expectedNextOrderDate: Date | null;
  /** The reason for basis NONE; null for others, for which the prediction has it. */
  readonly noBasisReason: (typeof noBasisReasons)[number] | null;
}

/** A customer's value as callers see it; its properties are computed when they are read. Money in `currency`. */
export class CustomerClv {
  constructor(
    /** The prediction that it is derived from. */
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
    return complementOf(this.purchaseProbability);
  }

  get predictedOrders(): number {
    return this.served.prediction?.expectedOrders ?? 0;
  }

  /** Null until the base was scored for this horizon. */
  get percentile(): number | null {
    const { prediction, belowRanked } = this.served;
    if (prediction) return prediction.percentile;
    return belowRanked ? 0 : null;
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

export function toClvHistory(clv: CustomerClv, history: PurchaseHistory): ClvHistory {
  const { predicted, basis } = clv;
  const { ordered, spend, meanOccasionValue, gapMeanDays } = history;
  const historic = cents(spend);
  return {
    historic,
    total: cents(historic + predicted),
    averageOrderValue: meanOccasionValue === null ? null : cents(meanOccasionValue),
    averageDaysBetweenOrders: gapMeanDays,
    expectedNextOrderDate: basis === 'NONE' ? null : expectedNextOrderDate(clv, history),
    noBasisReason: basis === 'NONE' ? noBasisReasons[ordered ? 1 : 0] : null,
  };
}

/** The central interval that holds the spend in the horizon with probability `level`; 0 to 0 for basis NONE. */
export function intervalOf({ served: { prediction } }: CustomerClv, level: number): { lower: number; upper: number } {
  return prediction ? predictionInterval(prediction, level) : { lower: 0, upper: 0 };
}

/** `intervalOf` for a stored prediction. */
export function predictionInterval(
  { purchaseProbability, mu, sigma }: Pick<StoredPrediction, 'purchaseProbability' | 'mu' | 'sigma'>,
  level: number,
): { lower: number; upper: number } {
  const { lower, upper } = zilnInterval({ logit: logit(purchaseProbability), mu, sigma }, level);
  return { lower: cents(lower), upper: cents(upper) };
}

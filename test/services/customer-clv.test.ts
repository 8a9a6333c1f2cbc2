import { describe, expect, it } from 'vitest';
import {
  expectedDaysToOrder,
  intervalOf,
  tierOf,
  toClvHistory,
  toCustomerClv,
} from '../../src/services/customer-clv.js';
import type { StoredPrediction } from '../../src/services/prediction-store.js';

const asOf = new Date('2026-01-01T00:00:00Z');
const period = { modelId: '1', horizonDays: 365, asOf };
const prediction: StoredPrediction = {
  customerId: '7',
  basis: 'MODEL',
  basisReason: null,
  expectedValue: 120,
  purchaseProbability: 0.5,
  mu: 5,
  sigma: 0.8,
  expectedOrders: 1.4,
  percentile: 81,
  featureHash: 'h',
  computedAt: asOf,
};
const history = { ordered: true, spend: 300, meanOccasionValue: 100, gapMeanDays: 30 };

/** E[T | T <= h] of an exponential T by the midpoint rule. */
function integrated(p: number, h: number): number {
  const rate = -Math.log(1 - p) / h;
  const steps = 20_000;
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    const t = ((i + 0.5) * h) / steps;
    sum += t * rate * Math.exp(-rate * t) * (h / steps);
  }
  return sum / p;
}

describe('the expected days to the next order', () => {
  it.each([0.01, 0.3, 0.9, 0.999])('are the mean of an exponential within the horizon, at p = %d', (p) => {
    expect(expectedDaysToOrder(p, 365)).toBeCloseTo(integrated(p, 365), 3);
  });

  it('go to half the horizon as purchases become rare, without a jump, and to none as they become certain', () => {
    expect(expectedDaysToOrder(0, 90)).toBe(45);
    expect(expectedDaysToOrder(1.0001e-4, 90)).toBeCloseTo(expectedDaysToOrder(0.9999e-4, 90), 4);
    expect(expectedDaysToOrder(1, 90)).toBe(0);
  });
});

describe('a value', () => {
  it('says what the prediction means', () => {
    expect(toCustomerClv({ customerId: '7', period, prediction }, 'EUR')).toMatchObject({
      predicted: 120,
      churnProbability: 0.5,
      tier: 'GOLD',
      basis: 'MODEL',
      // ln 2 / 365 a day: 526.6 - 365 days.
      expectedNextOrderDate: new Date(asOf.getTime() + (365 / Math.LN2 - 365) * 86_400_000),
      currency: 'EUR',
    });
  });

  it('puts prediction and history together', () => {
    const clv = toCustomerClv({ customerId: '7', period, prediction }, 'EUR');
    expect(toClvHistory(clv, history)).toEqual({
      historic: 300,
      total: 420,
      averageOrderValue: 100,
      averageDaysBetweenOrders: 30,
      noBasisReason: null,
    });
  });

  it('has no tier until the base was ranked', () => {
    const clv = toCustomerClv({ customerId: '7', period, prediction: { ...prediction, percentile: null } }, 'EUR');
    expect([clv.percentile, clv.tier]).toEqual([null, null]);
  });

  it('has an interval with the probability of its level', () => {
    const clv = toCustomerClv({ customerId: '7', period, prediction }, 'EUR');
    // Half buy nothing, so the median among buyers is at 75 %.
    expect(intervalOf(clv, 0.75)).toEqual({ lower: 0, upper: 148.41 });
    const certain = { ...clv, served: { ...clv.served, prediction: { ...prediction, purchaseProbability: 1 } } };
    expect(intervalOf(certain, 0.8).lower).toBeCloseTo(Math.exp(5 - 1.2815515655446 * 0.8), 2);
  });

  it('says why there is none: no order, or none that was worth anything', () => {
    const clv = toCustomerClv({ customerId: '7', period, prediction: null }, 'EUR');
    const reasonOf = (ordered: boolean) => toClvHistory(clv, { ...history, ordered }).noBasisReason;
    expect([reasonOf(false), reasonOf(true)]).toEqual(['NO_PURCHASES', 'NO_PAID_PURCHASES']);
  });

  it('is in the tier that its percentile begins', () => {
    const tiers = [100, 95, 94.9, 80, 79.9, 50, 49.9, 0].map(tierOf);
    expect(tiers.join()).toBe('PLATINUM,PLATINUM,GOLD,GOLD,SILVER,SILVER,BRONZE,BRONZE');
  });
});

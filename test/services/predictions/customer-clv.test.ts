import { describe, expect, it } from 'vitest';
import { intervalOf, toClvHistory, CustomerClv } from '../../../src/services/predictions/customer-clv.js';
import { tierOf } from '../../../src/services/predictions/tiers.js';
import { medianDaysToOrder } from '../../../src/services/customers/next-order-date.js';
import type { PurchaseHistory } from '../../../src/services/customers/purchase-histories.js';
import type { StoredPrediction } from '../../../src/services/predictions/prediction-store.js';

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
const history: PurchaseHistory = {
  ordered: true,
  spend: 300,
  meanOccasionValue: 100,
  purchaseDays: 4,
  firstDay: new Date('2025-09-06T00:00:00Z'),
  lastDay: new Date('2025-12-05T00:00:00Z'),
  gapMeanDays: 30,
  gapStdDays: 20,
};

describe('the expected days to the next order', () => {
  it.each([0.001, 0.3, 3, 40])('are the median of an exponential within the horizon, at %d orders a horizon', (x) => {
    const orders = x * 0.7;
    const probability = 0.7 * -Math.expm1(-x);
    const days = medianDaysToOrder({ orders, probability }, 365);
    expect(Math.expm1((-x * days) / 365) / Math.expm1(-x)).toBeCloseTo(0.5, 6);
  });

  it('go to half the horizon as further purchases become rare, without a jump, and to none as they become many', () => {
    const at = (orders: number) => medianDaysToOrder({ orders, probability: 0.5 }, 90);
    expect(medianDaysToOrder({ orders: 0, probability: 0 }, 90)).toBe(45);
    expect(at(0.4)).toBe(45);
    expect(at(0.5 * (1 + 0.5001e-4))).toBeCloseTo(at(0.5 * (1 + 0.4999e-4)), 4);
    expect(at(1e6)).toBeCloseTo(0, 3);
  });
});

const dateBy = (past: PurchaseHistory, of: StoredPrediction | null = prediction): Date | null =>
  toClvHistory(new CustomerClv({ customerId: '7', period, prediction: of }, 'EUR'), past).expectedNextOrderDate;

describe('the next order', () => {
  const regular = { ...history, gapStdDays: 3 };

  it('of a regular buyer is a gap after the last, or today where that is over', () => {
    expect(dateBy(regular)).toEqual(new Date('2026-01-04T00:00:00Z'));
    expect(dateBy({ ...regular, lastDay: new Date('2025-11-20T00:00:00Z') })).toEqual(asOf);
    expect(dateBy({ ...regular, gapMeanDays: 500 })).toEqual(new Date('2027-01-01T00:00:00Z'));
  });

  it.each([
    ['few purchases', { purchaseDays: 3 }],
    ['irregular ones', { gapStdDays: 15 }],
    ['a rhythm that is broken', { lastDay: new Date('2025-11-10T00:00:00Z') }],
  ])('of a buyer with %s is told by the rate', (_what, change) => {
    expect(dateBy({ ...regular, ...change })).toEqual(dateBy(history));
  });

  it('of somebody without a prediction is not told', () => {
    expect(dateBy(regular, null)).toBeNull();
  });
});

describe('a value', () => {
  it('says what the prediction means', () => {
    expect(new CustomerClv({ customerId: '7', period, prediction }, 'EUR')).toMatchObject({
      predicted: 120,
      churnProbability: 0.5,
      tier: 'GOLD',
      basis: 'MODEL',
      currency: 'EUR',
    });
  });

  it.each([
    [0.7, 0.3],
    [0.5262936, 0.4737064],
    [0.031535514, 0.968464486],
    [1.2345678e-5, 0.999987654322],
    [0.99999994, 6e-8],
  ])(
    'with the probability %d of a purchase has the risk %d, without digits of binary fractions',
    (probability, risk) => {
      const served = { customerId: '7', period, prediction: { ...prediction, purchaseProbability: probability } };
      expect(new CustomerClv(served, 'EUR').churnProbability).toBe(risk);
    },
  );

  it('tells the next order of a regular buyer sooner than that of a rare one who is as likely to come', () => {
    const dateOf = (expectedOrders: number) => dateBy(history, { ...prediction, expectedOrders })!;
    // 2.8 orders a year of those who come: a rate of 2.597 a year, half of them within 87 days.
    expect(dateOf(1.4).toISOString().slice(0, 10)).toBe('2026-03-29');
    expect(dateOf(6) < dateOf(0.6)).toBe(true);
  });

  it('puts prediction and history together', () => {
    const clv = new CustomerClv({ customerId: '7', period, prediction }, 'EUR');
    expect(toClvHistory(clv, history)).toEqual({
      historic: 300,
      total: 420,
      averageOrderValue: 100,
      averageDaysBetweenOrders: 30,
      expectedNextOrderDate: dateBy(history),
      noBasisReason: null,
    });
  });

  it('has no tier until the base was ranked', () => {
    const clv = new CustomerClv({ customerId: '7', period, prediction: { ...prediction, percentile: null } }, 'EUR');
    expect([clv.percentile, clv.tier]).toEqual([null, null]);
  });

  it('is below all of a ranked base where there is no prediction, and nowhere where the base was not ranked', () => {
    const places = [true, false].map((belowRanked) => {
      const { percentile, tier } = new CustomerClv({ customerId: '7', period, prediction: null, belowRanked }, 'EUR');
      return [percentile, tier];
    });
    expect(places).toEqual([
      [0, 'BRONZE'],
      [null, null],
    ]);
  });

  it('has an interval with the probability of its level', () => {
    const clv = new CustomerClv({ customerId: '7', period, prediction }, 'EUR');
    // Half buy nothing, so the median among buyers is at 75 %.
    expect(intervalOf(clv, 0.75)).toEqual({ lower: 0, upper: 148.41 });
    const sure = { ...prediction, purchaseProbability: 1 };
    const certain = new CustomerClv({ ...clv.served, prediction: sure }, 'EUR');
    expect(intervalOf(certain, 0.8).lower).toBeCloseTo(Math.exp(5 - 1.2815515655446 * 0.8), 2);
  });

  it('is 0, without a chance of a purchase, where there is no prediction', () => {
    expect(new CustomerClv({ customerId: '7', period, prediction: null }, 'EUR')).toMatchObject({
      predicted: 0,
      purchaseProbability: 0,
      churnProbability: 1,
      predictedOrders: 0,
      basis: 'NONE',
      computedAt: expect.any(Date),
    });
  });

  it('says why there is none: no order, or none that was worth anything', () => {
    const clv = new CustomerClv({ customerId: '7', period, prediction: null }, 'EUR');
    const reasonOf = (ordered: boolean) => toClvHistory(clv, { ...history, ordered }).noBasisReason;
    expect([reasonOf(false), reasonOf(true)]).toEqual(['NO_PURCHASES', 'NO_PAID_PURCHASES']);
  });

  it('is in the tier that its percentile begins', () => {
    const tiers = [100, 95, 94.9, 80, 79.9, 50, 49.9, 0].map(tierOf);
    expect(tiers.join()).toBe('PLATINUM,PLATINUM,GOLD,GOLD,SILVER,SILVER,BRONZE,BRONZE');
  });
});

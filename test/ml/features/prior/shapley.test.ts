import { describe, expect, it } from 'vitest';
import { predictPrior } from '../../../../src/ml/features/prior/predict-prior.js';
import type { RfmSummary } from '../../../../src/ml/features/prior/rfm-summary.js';
import { mixed, shapleyOverInputs } from '../../../../src/ml/features/prior/shapley.js';
import { Random } from '../../../../src/random.js';
import { CDNOW_PRIOR, randomCustomer } from './shops.js';

const asOf = new Date('2011-06-01');

const typical: RfmSummary = { frequency: 2, recency: 100, age: 240, monetary: 30, firstValue: 30 };

const prior = { ...CDNOW_PRIOR, firstWeight: 0.4 };

describe('shapleyOverInputs', () => {
  it('works out by hand: a product of two inputs is shared equally, a sum as it stands', () => {
    const shares = shapleyOverInputs(
      ({ frequency, recency, age, monetary, firstValue }) => frequency * monetary + recency - 2 * age + 3 * firstValue,
      { frequency: 1, recency: 10, age: 50, monetary: 10, firstValue: 1 },
      { frequency: 3, recency: 40, age: 60, monetary: 20, firstValue: 5 },
    );
    // frequency: 2 more at the mean of 10 and 20; monetary: 10 more at the mean of 1 and 3.
    expect(shares.frequency).toBeCloseTo(30, 12);
    expect(shares.monetary).toBeCloseTo(20, 12);
    // The last purchase was 20 days ago instead of 40; of ten days more as a customer it lies ten days later.
    expect(shares.recency).toBeCloseTo(20, 12);
    expect(shares.age).toBeCloseTo(-10, 12);
    expect(shares.firstValue).toBeCloseTo(12, 12);
  });

  it('sums to the whole difference of the predicted value, for any two customers', () => {
    const random = new Random(12);
    const value = (customer: RfmSummary) => predictPrior(prior, customer, 365, asOf).expectedValue;
    for (let i = 0; i < 300; i++) {
      const [baseline, customer] = [randomCustomer(random), randomCustomer(random)];
      const sum = Object.values(shapleyOverInputs(value, baseline, customer)).reduce(
        (total, share) => total + share,
        0,
      );
      const difference = value(customer) - value(baseline);
      expect(Math.abs(sum - difference)).toBeLessThan(1e-9 * (1 + value(customer) + value(baseline)));
    }
  });

  it('gives nothing to inputs that do not differ, and a sign that a marketer would expect to those that do', () => {
    const value = (customer: RfmSummary) => predictPrior(prior, customer, 365, asOf).expectedValue;
    const shares = shapleyOverInputs(value, typical, { ...typical, recency: 200, monetary: 60 });
    expect(shares).toMatchObject({ frequency: 0, age: 0 });
    expect(shares.recency).toBeGreaterThan(0);
    expect(shares.monetary).toBeGreaterThan(0);
  });

  it('counts a last purchase of longer ago against a customer, and one of as long ago not at all', () => {
    const value = (customer: RfmSummary) => predictPrior(prior, customer, 365, asOf).expectedValue;
    const usual = typical.age - typical.recency;
    const random = new Random(5);
    for (let i = 0; i < 300; i++) {
      const customer = randomCustomer(random);
      const silence = customer.age - customer.recency;
      const { recency } = shapleyOverInputs(value, typical, customer);
      expect(recency * (silence - usual)).toBeLessThanOrEqual(0);
    }
    const older = { ...typical, age: typical.age + 200, recency: typical.recency + 200 };
    expect(shapleyOverInputs(value, typical, older).recency).toBe(0);
  });

  it('makes nobody up who has a span between purchases and no second one', () => {
    const oneTimer: RfmSummary = { frequency: 0, recency: 0, age: 240, monetary: 0, firstValue: 30 };
    const young: RfmSummary = { frequency: 5, recency: 30, age: 40, monetary: 30, firstValue: 30 };
    for (const [baseline, customer] of [
      [oneTimer, young],
      [young, oneTimer],
    ] as const) {
      for (let coalition = 0; coalition < 32; coalition++) {
        const { frequency, recency, age } = mixed(baseline, customer, coalition);
        expect(recency).toBeLessThanOrEqual(age);
        expect(frequency > 0 || recency === 0).toBe(true);
      }
    }
  });

  it('does not blame repeat purchases for a one-time buyer, who has no mean repeat value', () => {
    const value = (customer: RfmSummary) => predictPrior(prior, customer, 365, asOf).expectedValue;
    const oneTimer: RfmSummary = { frequency: 0, recency: 0, age: 240, monetary: 0, firstValue: 30 };
    expect(shapleyOverInputs(value, typical, oneTimer)).toMatchObject({ monetary: 0, firstValue: 0, age: 0 });
    expect(shapleyOverInputs(value, oneTimer, typical)).toMatchObject({ monetary: 0, firstValue: 0, age: 0 });
  });

  it('tells young and old customers apart without a pace that neither has: no share goes far beyond what is predicted', () => {
    const value = (customer: RfmSummary) => predictPrior(prior, customer, 365, asOf).expectedValue;
    const regular: RfmSummary = { frequency: 11, recency: 800, age: 856, monetary: 35, firstValue: 40 };
    const lapsing: RfmSummary = { ...regular, recency: 600 };
    const frequent: RfmSummary = { ...regular, frequency: 30, recency: 850 };
    const young: RfmSummary[] = [
      { frequency: 0, recency: 0, age: 60, monetary: 0, firstValue: 30 },
      { frequency: 1, recency: 20, age: 60, monetary: 30, firstValue: 30 },
      { frequency: 2, recency: 50, age: 120, monetary: 30, firstValue: 30 },
      { frequency: 2, recency: 5, age: 15, monetary: 30, firstValue: 30 },
    ];
    for (const one of young) {
      for (const other of [regular, lapsing, frequent]) {
        const largest = Math.max(value(one), value(other));
        for (const [baseline, customer] of [
          [one, other],
          [other, one],
        ] as const) {
          const shares = Object.values(shapleyOverInputs(value, baseline, customer));
          expect(Math.max(...shares.map(Math.abs))).toBeLessThan(1.5 * largest);
          const sum = shares.reduce((total, share) => total + share, 0);
          expect(sum).toBeCloseTo(value(customer) - value(baseline), 9);
        }
      }
    }
  });
});

import { describe, expect, it } from 'vitest';
import { carriedOn } from '../../../../src/ml/features/prior/carry-on.js';
import type { BtydPrior } from '../../../../src/ml/features/prior/fit-prior.js';
import { predictPrior } from '../../../../src/ml/features/prior/predict-prior.js';
import { CDNOW_PRIOR } from './shops.js';

const asOf = new Date('2011-06-01');
const prior: BtydPrior = { ...CDNOW_PRIOR, firstWeight: 0.4 };
const customer = { frequency: 2, recency: 162, age: 182, monetary: 45, firstValue: 20 };
const expected = (days: number) => predictPrior(prior, customer, days, asOf).expectedValue;

describe('a horizon longer than any that was learnt', () => {
  it('is left alone up to the learnt one', () => {
    expect(carriedOn(prior, customer, { horizonDays: 90, learntDays: 90 }, asOf)).toBe(0);
    expect(carriedOn(prior, customer, { horizonDays: 30, learntDays: 90 }, asOf)).toBe(0);
  });

  it('goes on at the learnt rate up to twice its length', () => {
    const log = carriedOn(prior, customer, { horizonDays: 150, learntDays: 90 }, asOf);
    expect(Math.exp(log) * expected(150)).toBeCloseTo((expected(90) * 150) / 90, 9);
  });

  it('follows the prior’s decline beyond that', () => {
    const log = carriedOn(prior, customer, { horizonDays: 1_000, learntDays: 90 }, asOf);
    expect(Math.exp(log) * expected(1_000)).toBeCloseTo(2 * expected(90) + expected(1_000) - expected(180), 9);
  });

  it.each([{ leavesAtFirst: true }, { leavesWithTime: true }])('follows the decline of a prior with %o', (kind) => {
    const modified = { ...prior, ...kind };
    expect(carriedOn(modified, customer, { horizonDays: 150, learntDays: 90 }, asOf)).toBe(0);
  });

  it('follows the decline of a prior of customers who buy by years', () => {
    const chances = { alpha: 1.2, beta: 0.75, gamma: 0.65, delta: 2.8, furtherShape: 0.5, furtherYears: 2 };
    const yearly = { ...chances, months: Array.from({ length: 12 }, () => 1 / 12), firstMonth: 0 };
    expect(carriedOn({ ...prior, yearly }, customer, { horizonDays: 1_095, learntDays: 365 }, asOf)).toBe(0);
  });

  it('takes the season of the learnt part into account', () => {
    // December is twice as busy as the rest of the year: the first month's rate is not the rate of the two.
    const seasonal = { ...prior, a: 1e-9, season: Array.from({ length: 12 }, (_, i) => (i === 11 ? 2 : 10 / 11)) };
    const log = carriedOn(seasonal, customer, { horizonDays: 60, learntDays: 30 }, new Date('2010-12-01'));
    // Without any decline there is nothing to carry on beyond what the prior says, busy month or not.
    expect(log).toBeCloseTo(0, 6);
  });
});

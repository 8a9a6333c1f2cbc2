import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../../src/days.js';
import { baseOutlook } from '../../../../src/ml/features/prior/base-outlook.js';
import { carriedOn } from '../../../../src/ml/features/prior/carry-on.js';
import { priceAhead } from '../../../../src/ml/features/prior/order-values/prices.js';
import { predictPrior } from '../../../../src/ml/features/prior/predict-prior.js';
import { toRfmColumns } from '../../../../src/ml/features/prior/rfm-summary.js';
import { shopAge, shopHorizon } from '../../../../src/ml/features/prior/clock/shop-clock.js';
import { CDNOW_PRIOR as prior } from './shops.js';

const asOf = new Date('2011-06-01');
const customers = [
  { frequency: 2, recency: 162, age: 182, monetary: 45, firstValue: 20 },
  { frequency: 0, recency: 0, age: 90, monetary: 0, firstValue: 30 },
];
const sales = [
  { daysAgo: 1, net: 10, repeatNet: 10 },
  { daysAgo: 60, net: 30, repeatNet: 24 },
  { daysAgo: 61, net: -5, repeatNet: -5 },
  { daysAgo: 200, net: 65, repeatNet: 15 },
];
const days = { asOf, learntDays: 60, longestDays: 400 };

describe('the outlook of a base', () => {
  it('has the learnt horizon, parts of it, and doubles it until the longest is covered', () => {
    const points = baseOutlook(prior, toRfmColumns(customers), sales, days);
    expect(points.map((point) => point.days)).toEqual([20, 30, 60, 120, 240, 480]);
  });

  it('sums what was spent after first purchases, per day as a customer', () => {
    const spent = baseOutlook(prior, toRfmColumns(customers), sales, days).map((point) => point.spent);
    // They came 182 and 90 days ago.
    const all = 182 + 90;
    expect(spent).toEqual([10, 10, 34, (29 * 2 * 120) / (120 + 90), (44 * 2 * 240) / all, (44 * 2 * 480) / all]);
  });

  it('does not take a base of newcomers for one that spends little', () => {
    const newcomer = { frequency: 1, recency: 20, age: 30, monetary: 40, firstValue: 30 };
    const known = [
      { daysAgo: 10, net: 40, repeatNet: 40 },
      { daysAgo: 30, net: 30, repeatNet: 0 },
    ];
    const points = baseOutlook(prior, toRfmColumns([newcomer]), known, days);
    expect(points.map(({ spent }) => spent)).toEqual([40, 40, 80, 160, 320, 640]);
  });

  it('sums all where customers had come before history, one that is too short in proportion', () => {
    const earlier = { since: asOf.getTime() / dayMs - 200, length: 365 };
    const points = baseOutlook({ ...prior, earlier }, toRfmColumns(customers), sales, days);
    expect(points.map(({ spent }) => spent)).toEqual([10, 10, 40, 35, (100 * 240) / 200, (100 * 480) / 200]);
  });

  it('has what was spent in the prices of the days ahead', () => {
    const day = asOf.getTime() / dayMs;
    const [rise, then] = [Math.log(2) / 30, Math.log(3) / 30];
    // Twice the price a month ago, and three times in a month.
    const prices = [
      { day: day - 30, log: -30 * rise },
      { day, log: 0 },
      { day: day + 30, log: 30 * then },
    ];
    const rising = baseOutlook({ ...prior, prices }, toRfmColumns(customers), sales, days);
    const [, , sixty] = rising;
    const ahead = priceAhead(prices, 60, asOf);
    expect(ahead).toBeGreaterThan(2);
    // Of yesterday, and of a time when all cost half as much as today.
    const yesterday = 10 * 2 ** (1 / 30);
    expect(sixty!.spent).toBeCloseTo(ahead * (yesterday + 2 * 24), 6);
    expect(sixty!.paced).toBeCloseTo(ahead * (yesterday + 2 * 30), 6);
  });

  it('keeps the highest pace of the last weeks, months and year', () => {
    const paced = baseOutlook(prior, toRfmColumns(customers), sales, days).map((point) => point.paced);
    // 40 in the last 60 days where these are asked for, else 100 in the 200 days that there are; 10 in the last 28.
    const [year, two] = [100 / 200, 40 / 60];
    [20 * year, 30 * year, 60 * two, 120 * year, 240 * year, 480 * year].forEach((value, i) =>
      expect(paced[i]).toBeCloseTo(value, 9),
    );
  });

  it('sums what each customer is expected to spend, carried on as in scoring', () => {
    for (const { days: horizonDays, expected } of baseOutlook(prior, toRfmColumns(customers), sales, days)) {
      const total = customers.reduce((sum, customer) => {
        const { expectedValue } = predictPrior(prior, customer, horizonDays, asOf);
        return sum + expectedValue * Math.exp(carriedOn(prior, customer, { horizonDays, learntDays: 60 }, asOf));
      }, 0);
      expect(expected).toBeCloseTo(total, 9);
    }
  });

  it('brings the season of what was spent to the one that comes', () => {
    const season = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5];
    const inJanuary = { ...days, asOf: new Date('2011-01-01') };
    const [, , plain] = baseOutlook(prior, toRfmColumns(customers), sales, inJanuary);
    const [, , seasonal] = baseOutlook({ ...prior, season }, toRfmColumns(customers), sales, inJanuary);
    expect(seasonal!.spent / plain!.spent).toBeGreaterThan(0.3);
    expect(seasonal!.spent / plain!.spent).toBeLessThan(0.5);
  });

  it('takes days that were as busy for the pace, and four weeks at least', () => {
    const season = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5];
    const inJanuary = { ...days, asOf: new Date('2011-01-01') };
    const known = [{ daysAgo: 28, net: 10, repeatNet: 10 }];
    const december = shopHorizon({ season, pace: null }, new Date('2010-12-04'), 28);
    for (const { days: ahead, paced, spent } of baseOutlook(
      { ...prior, season },
      toRfmColumns(customers),
      known,
      inJanuary,
    )) {
      const next = shopHorizon({ season, pace: null }, inJanuary.asOf, ahead);
      expect(paced).toBeCloseTo((10 * next) / december, 9);
      // Customers came before it; of their days, the season of what there is.
      const since = (age: number) => shopAge({ season, pace: null }, Math.min(age, ahead), inJanuary.asOf);
      expect(spent).toBeCloseTo(ahead < 28 ? 0 : (10 * 2 * next) / (since(182) + since(90)), 9);
    }
    const [lately] = baseOutlook(
      prior,
      toRfmColumns(customers),
      [{ daysAgo: 5, net: 70, repeatNet: 70 }, ...known],
      days,
    );
    expect(lately).toMatchObject({ days: 20, spent: 70, paced: expect.closeTo((80 / 28) * 20, 9) });
  });

  it('has nothing spent where nothing was sold', () => {
    const points = baseOutlook(prior, toRfmColumns(customers), [], days);
    expect(points.map(({ spent, paced }) => spent + paced)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

import { describe, expect, it } from 'vitest';
import { pairedBootstrap } from '../../../../src/ml/training/metrics/paired-bootstrap.js';
import {
  bestProfitOf,
  plannedDepth,
  plannedProfitOf,
  profitArea,
  profitCurve,
} from '../../../../bench/quality/metrics/profit-curve.js';
import { normalizedGini } from '../../../../src/ml/training/metrics/ranking.js';
import { Random } from '../../../../src/random.js';

/** A contact brings 0.5 * 0.2 = a tenth of the spend, and costs 3. */
const terms = { contactCost: 3, margin: 0.5, uplift: 0.2 };
const actual = [100, 0, 50, 10, 40];

describe('profitCurve', () => {
  it('adds up the profit of each contact, best-ranked first', () => {
    // In order of the scores: 100, 50, 10, 40, 0 earn 7, 2, -2, 1, -3.
    const curve = profitCurve([9, 1, 8, 7, 6], actual, terms);
    expect([...curve.profit].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([0, 7, 9, 7, 8, 5]);
    expect(curve.bestDepth).toBe(2);
    expect(curve.bestProfit).toBeCloseTo(9, 9);
    // At 10 % of five customers half a customer rounds to one.
    expect(curve.deciles.map((value) => Math.round(value))).toEqual([0, 7, 7, 9, 9, 7, 7, 8, 8, 5, 5]);
  });

  it('measures the area between random and perfect', () => {
    // Cumulative spend by trapezoids: ours 0, 100, 150, 160, 200, 200 has 710; the perfect order 0, 100, 150, 190, 200,
    // 200 has 740; random is 5 * 200 / 2 = 500.
    expect(profitCurve([9, 1, 8, 7, 6], actual, terms).area).toBeCloseTo(210 / 240, 12);
    expect(profitCurve(actual, actual, terms).area).toBe(1);
    expect(
      profitCurve(
        actual.map((value) => -value),
        actual,
        terms,
      ).area,
    ).toBeCloseTo(-1, 12);
    expect(profitCurve(actual, [2, 2, 2, 2, 2], terms).area).toBeNull();
  });

  it('is the same area whatever a contact costs: nearly the normalised Gini', () => {
    const random = new Random(1);
    const spend = Array.from({ length: 3_000 }, () => (random.uniform() < 0.3 ? random.gamma(1, 0.02) : 0));
    const scores = spend.map((value) => value + random.normal(0, 40));
    const dear = profitCurve(scores, spend, { ...terms, contactCost: 30 });
    expect(dear.area).toBe(profitCurve(scores, spend, terms).area);
    expect(dear.area).toBeCloseTo(normalizedGini(spend, scores)!, 3);
    expect(dear.bestProfit).toBeLessThan(profitCurve(scores, spend, terms).bestProfit);
  });

  it('draws a straight line through customers who are alike', () => {
    // A constant score is the random order: 200 spent by 5 earn 20 - 15 = 5 in the end, 1 a customer.
    const curve = profitCurve([1, 1, 1, 1, 1], actual, terms);
    expect([...curve.profit].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(curve.area).toBeCloseTo(0, 12);
  });

  it('contacts nobody where nothing is to be earned', () => {
    const curve = profitCurve(actual, actual, { ...terms, contactCost: 100 });
    expect([curve.bestDepth, curve.bestProfit]).toEqual([0, 0]);
    expect(curve.profit[5]).toBeCloseTo(20 - 500, 9);
  });

  it('takes what was returned for a loss', () => {
    const curve = profitCurve([2, 1], [50, -20], terms);
    expect(curve.profit[2]).toBeCloseTo(2 - 5, 12);
  });

  it.each([
    [{ ...terms, contactCost: -1 }, '"contactCost" is -1'],
    [{ ...terms, margin: 40 }, '0.4 stands for 40 %'],
    [{ ...terms, uplift: Number.NaN }, '"uplift" is NaN'],
  ])('refuses terms that make no sense: %j', (wrong, message) => {
    expect(() => profitCurve(actual, actual, wrong)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', message: expect.stringContaining(message) }),
    );
  });

  it('needs customers', () => {
    expect(() => profitCurve([], [], terms)).toThrow(expect.objectContaining({ code: 'INSUFFICIENT_DATA' }));
  });
});

describe('a depth that the forecast chooses', () => {
  it('is where the expected profit is above 0', () => {
    // 30 breaks even exactly, and is left alone.
    expect(plannedDepth([100, 30, 31, 0, 2], terms)).toBe(2);
    // Customers 0 and 2 are contacted; they spend 100 and 50.
    expect(plannedProfitOf(terms)(actual, [100, 30, 31, 0, 2])).toBeCloseTo(9, 9);
  });
});

describe('profits of two rankings', () => {
  const random = new Random(4);
  const spend = Array.from({ length: 1_000 }, () => (random.uniform() < 0.4 ? random.gamma(1, 0.01) : 0));
  const noisy = (deviation: number) => spend.map((value) => value + random.normal(0, deviation));
  const [good, bad] = [noisy(10), noisy(300)];

  it.each([
    ['best profit', bestProfitOf(terms)],
    ['area', profitArea],
  ])('are told apart by their %s', async (_name, metric) => {
    const real = await pairedBootstrap(metric, { a: good, b: bad, actual: spend, draws: 200, seed: 1 });
    expect(real.lower).toBeGreaterThan(0);
    const none = await pairedBootstrap(metric, { a: bad, b: bad, actual: spend, draws: 50, seed: 1 });
    expect([none.lower, none.upper]).toEqual([0, 0]);
  });

  it('agree with the curve', () => {
    expect(bestProfitOf(terms)(spend, good)).toBe(profitCurve(good, spend, terms).bestProfit);
  });
});

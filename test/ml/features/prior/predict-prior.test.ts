import { describe, expect, it } from 'vitest';
import { dayMs, dayNumber } from '../../../../src/days.js';
import { logGamma, sigmoid } from '../../../../src/math.js';
import type { BgNbdParameters } from '../../../../src/ml/features/prior/purchases/bg-nbd.js';
import { expectedPurchasesIfAlive } from '../../../../src/ml/features/prior/purchases/purchase-model.js';
import type { BtydPrior } from '../../../../src/ml/features/prior/fit-prior.js';
import type { Newcomers } from '../../../../src/ml/features/prior/newcomers/newcomers.js';
import { predictPrior, predictPriorBatch } from '../../../../src/ml/features/prior/predict-prior.js';
import { toRfmColumns, type RfmSummary } from '../../../../src/ml/features/prior/rfm-summary.js';
import { Random } from '../../../../src/random.js';
import { CDNOW_PRIOR, randomCustomer } from './shops.js';

const asOf = new Date('2011-06-01');

const oneTimer: RfmSummary = { frequency: 0, recency: 0, age: 60, monetary: 0, firstValue: 20 };

describe('predictPrior', () => {
  it('works out by hand for parameters that make the formulas short', () => {
    // r = a = b = 1, alpha = 1 week. One repeat purchase after 1 week, seen for 3 weeks, 4 weeks ahead.
    const prior = { ...CDNOW_PRIOR, r: 1, alpha: 1, a: 1, b: 1, p: 2, q: 3, v: 10, firstWeight: 0.5 };
    const customer: RfmSummary = { frequency: 1, recency: 7, age: 21, monetary: 20, firstValue: 12 };
    const prediction = predictPrior(prior, customer, 28, asOf);
    // P(alive) = 1 / (1 + a / (b + x - 1) * ((alpha + T) / (alpha + t_x))^(r + x)) = 1 / (1 + (4 / 2)^2)
    expect(prediction.aliveProbability).toBeCloseTo(1 / 5, 14);
    // P(purchase) = P(alive) * (1 - (4 / 8)^2)
    expect(prediction.purchaseProbability).toBeCloseTo((1 / 5) * (3 / 4), 14);
    // E[purchases | alive] = integral over p in (0, 1) of (1 - (1 + p)^-2) / p * 2 (1 - p) = 2 ln 2
    expect(prediction.expectedPurchases).toBeCloseTo((1 / 5) * 2 * Math.LN2, 12);
    // E[order value] = p (v + c f + x m) / (p x + q - 1) = 2 * 36 / 4
    expect(prediction.expectedOrderValue).toBeCloseTo(18, 14);
    expect(prediction.expectedValue).toBeCloseTo(prediction.expectedPurchases * 18, 12);
    expect(prediction.valueGivenPurchase).toBeCloseTo(prediction.expectedValue / 0.15, 12);
  });

  it('takes a one-time buyer for alive, worth the population mean an order', () => {
    const prediction = predictPrior(CDNOW_PRIOR, { ...oneTimer, age: 200 }, 90, asOf);
    expect(prediction.aliveProbability).toBe(1);
    expect(prediction.expectedOrderValue).toBeCloseTo((6.25 * 15.44) / 2.74, 12);
  });

  it('gives a one-time buyer up, too, where customers leave at first', () => {
    const prior = { ...CDNOW_PRIOR, r: 1, alpha: 1, a: 1, b: 1, leavesAtFirst: true };
    const prediction = predictPrior(prior, { ...oneTimer, age: 21 }, 28, asOf);
    // P(alive) = 1 / (1 + a / b * (alpha + T) / alpha)
    expect(prediction.aliveProbability).toBeCloseTo(1 / 5, 14);
    // P(purchase) = P(alive) * (1 - 4 / 8)
    expect(prediction.purchaseProbability).toBeCloseTo((1 / 5) * (1 / 2), 14);
  });

  it.each([
    ['after repeat purchases', {}, 9],
    ['after every purchase', { leavesAtFirst: true }, 4],
    ['at any time', { leavesWithTime: true, b: 12 }, 5],
  ])('agrees with customers who leave %s, at 3 months of history and 36 months ahead', (_, kind, cells) => {
    const horizon = 156 * 7;
    const prior = { ...CDNOW_PRIOR, ...kind };
    const simulated = simulate(prior, 13, 156, 400_000);
    for (const { frequency, lastWeek, buyers, purchases, customers } of simulated) {
      // The recency cell is a week wide: compare with the mean prediction over the cell.
      const predictions = [0.1, 0.3, 0.5, 0.7, 0.9].map((part) =>
        predictPrior(
          prior,
          { frequency, recency: frequency === 0 ? 0 : (lastWeek + part) * 7, age: 91, monetary: 1, firstValue: 0 },
          horizon,
          asOf,
        ),
      );
      const mean = (pick: (of: (typeof predictions)[number]) => number) =>
        predictions.reduce((sum, prediction) => sum + pick(prediction), 0) / predictions.length;
      const probability = mean((prediction) => prediction.purchaseProbability);
      const error = 4 * Math.sqrt((probability * (1 - probability)) / customers) + 0.01;
      expect(Math.abs(buyers / customers - probability)).toBeLessThan(error);
      const expected = mean((prediction) => prediction.expectedPurchases);
      expect(Math.abs(purchases / customers / expected - 1)).toBeLessThan(0.1);
    }
    expect(simulated.length).toBeGreaterThanOrEqual(cells);
  });

  const day = dayNumber(asOf) - 200;
  const newcomers = { since: day - 400, differ: 'PACE', ratios: [0.5, 0.25] } satisfies Newcomers;
  const risen = { leavesWithTime: true, pace: { day, before: 0.3 }, earlyGain: 1, newcomers };
  it.each<[Partial<BtydPrior>, Date]>([
    [{}, asOf],
    [{ leavesWithTime: true }, asOf],
    [risen, asOf],
    // The day of the rise, and before it.
    ...[0, 60, 300].map((ago): [Partial<BtydPrior>, Date] => [risen, new Date((day - ago) * dayMs)]),
  ])('gives the same in a batch as one by one: %o, %o', (kind, date) => {
    const prior = { ...CDNOW_PRIOR, ...kind };
    const random = new Random(3);
    const customers = Array.from({ length: 500 }, () => randomCustomer(random));
    const batch = predictPriorBatch(prior, toRfmColumns(customers), 120, date);
    customers.forEach((customer, i) => {
      const row = Object.fromEntries(Object.entries(batch).map(([field, column]) => [field, column[i]]));
      expect(row).toEqual(predictPrior(prior, customer, 120, date));
      for (const value of Object.values(row)) expect(Number.isFinite(value)).toBe(true);
    });
  });

  it('promises more for a longer horizon, a fresher last purchase and a higher order value', () => {
    const customer: RfmSummary = { frequency: 4, recency: 120, age: 200, monetary: 40, firstValue: 30 };
    const value = (change: Partial<RfmSummary>, days = 180) =>
      predictPrior(CDNOW_PRIOR, { ...customer, ...change }, days, asOf).expectedValue;
    expect(value({}, 181)).toBeGreaterThan(value({}));
    expect(value({ recency: 121 })).toBeGreaterThan(value({}));
    expect(value({ monetary: 41 })).toBeGreaterThan(value({}));
  });

  it('keeps the probability of a long-gone regular above 0, and of a daily buyer and of a sure one below 1', () => {
    const gone = predictPrior(
      CDNOW_PRIOR,
      { frequency: 900, recency: 1000, age: 6000, monetary: 5, firstValue: 5 },
      30,
      asOf,
    );
    const daily = predictPrior(
      CDNOW_PRIOR,
      { frequency: 3000, recency: 3000, age: 3000, monetary: 5, firstValue: 5 },
      3000,
      asOf,
    );
    // Whoever has only just come cannot have left, and everybody here buys once a week.
    const sure = predictPrior(
      { ...CDNOW_PRIOR, r: 100, alpha: 100 },
      { frequency: 0, recency: 0, age: 1, monetary: 0, firstValue: 5 },
      3650,
      asOf,
    );
    for (const { purchaseProbability, valueGivenPurchase } of [gone, daily, sure]) {
      expect(purchaseProbability > 0 && purchaseProbability < 1).toBe(true);
      expect(Number.isFinite(valueGivenPurchase)).toBe(true);
    }
  });

  it.each([
    [{ frequency: 1.5 }, 30],
    [{ recency: 3 }, 30],
    [{ monetary: -1 }, 30],
    [{ firstValue: -1 }, 30],
    [{ recency: Number.NaN }, 30],
    [{}, 0],
  ])('refuses %o over %d days', (change: Partial<RfmSummary>, days) => {
    const customer = { frequency: 1, recency: 1, age: 2, monetary: 1, firstValue: 1, ...change };
    expect(() => predictPrior(CDNOW_PRIOR, customer, days, asOf)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT' }),
    );
  });
});

// Reference figures: equation 10 of Fader, Hardie & Lee 2005 in mpmath with 60 digits.
describe('expectedPurchasesIfAlive', () => {
  it.each([
    [0.2426, 4.4136, 0.7929, 2.4259, 0, 38.86, 39, 0.19478676916062],
    [0.2426, 4.4136, 0.7929, 2.4259, 2, 38.86, 39, 1.687171706449664],
    [0.2426, 4.4136, 0.7929, 2.4259, 0, 1, 156, 2.464349312567598],
    [0.2426, 4.4136, 0.7929, 2.4259, 400, 12, 156, 1215.810779828116],
    [0.25, 4.4, 1, 2.4, 3, 20, 78, 5.659867626361342],
    [0.25, 4.4, 1.0000001, 2.4, 3, 20, 78, 5.659867352632942],
    [1, 3, 0.25, 0.75, 0, 10, 52, 2.674961219905688],
    [5, 3, 0.3, 0.4, 0, 10, 52, 6.943943865517686],
    [0.3, 0.001, 0.2, 0.5, 0, 0, 156, 4155.275480485395],
    [0.3, 0.001, 50, 1000, 3, 0, 156, 21.46938775509756],
    [0.001, 2, 0.001, 0.001, 0, 5, 156, 0.012691312008697],
  ])('r %d, alpha %d, a %d, b %d, x %d, T %d, t %d', (r, alpha, a, b, x, age, t, expected) => {
    expect(
      expectedPurchasesIfAlive({ r, alpha, a, b, leavesAtFirst: false }, x, { age, t, slow: 0 }) / expected,
    ).toBeCloseTo(1, 9);
  });

  it('agrees with numerical integration all over the range of parameters that a fit may return', () => {
    const random = new Random(41);
    const logUniform = (from: number, to: number) => from * (to / from) ** random.uniform();
    for (let i = 0; i < 400; i++) {
      const parameters = {
        r: logUniform(0.01, 20),
        alpha: logUniform(0.01, 1000),
        a: logUniform(0.05, 50),
        b: logUniform(0.05, 1000),
        leavesAtFirst: i % 2 === 1,
      };
      const [x, age, t] = [random.poisson(random.exponential(0.3)), random.integer(700) / 7, logUniform(1, 520)];
      const expected = integrateExpectation(parameters, x, age, t);
      expect(expectedPurchasesIfAlive(parameters, x, { age, t, slow: 0 }) / expected).toBeCloseTo(1, 8);
    }
  });

  it('tends to rate times time for a short horizon', () => {
    const short = expectedPurchasesIfAlive(CDNOW_PRIOR, 3, { age: 20, t: 1e-6, slow: 0 });
    expect(short / (((CDNOW_PRIOR.r + 3) / (CDNOW_PRIOR.alpha + 20)) * 1e-6)).toBeCloseTo(1, 6);
  });
});

/**
 * E[(1 - (1 + p t / (alpha + T))^-(r + x)) / p] over p ~ Beta(a, b + x), or b + x + 1: the same expectation before anything is
 * integrated in closed form, by the trapezoidal rule over the logit of p (which converges exponentially).
 */
function integrateExpectation(
  { r, alpha, a, b, leavesAtFirst }: BgNbdParameters,
  x: number,
  age: number,
  t: number,
): number {
  const shape = b + x + (leavesAtFirst ? 1 : 0);
  const scale = logGamma(a + shape) - logGamma(a) - logGamma(shape);
  const [from, to, step] = [-30 / Math.min(a, 1) - 10, 30 / Math.min(shape, 1) + 10, 0.02];
  let sum = 0;
  for (let y = from; y < to; y += step) {
    const p = sigmoid(y);
    const density = Math.exp(scale + a * Math.log(p) + shape * Math.log(sigmoid(-y)));
    sum += step * density * (-Math.expm1(-(r + x) * Math.log1p((p * t) / (alpha + age))) / p);
  }
  return sum;
}

interface Cell {
  frequency: number;
  lastWeek: number;
  customers: number;
  buyers: number;
  purchases: number;
}

/** Plays the model's story for customers of one age; cells of equal x and week of last purchase, if big enough. */
function simulate(prior: BtydPrior, ageWeeks: number, horizonWeeks: number, count: number): Cell[] {
  const random = new Random(17);
  const cells = new Map<string, Cell>();
  for (let i = 0; i < count; i++) {
    const rate = random.gamma(prior.r, prior.alpha);
    const leave = prior.leavesWithTime ? 0 : random.beta(prior.a, prior.b);
    const stays = prior.leavesWithTime ? random.exponential(random.gamma(prior.a, prior.b)) : Infinity;
    let [time, last, frequency, later] = [0, 0, 0, 0];
    let left = prior.leavesAtFirst && random.uniform() < leave;
    while (!left) {
      time += random.exponential(rate);
      if (time > Math.min(ageWeeks + horizonWeeks, stays)) break;
      if (time <= ageWeeks) {
        frequency++;
        last = time;
      } else {
        later++;
      }
      left = random.uniform() < leave;
    }
    const lastWeek = Math.floor(last);
    const key = `${frequency}/${lastWeek}`;
    const cell = cells.get(key) ?? { frequency, lastWeek, customers: 0, buyers: 0, purchases: 0 };
    cell.customers++;
    cell.buyers += later > 0 ? 1 : 0;
    cell.purchases += later;
    cells.set(key, cell);
  }
  return [...cells.values()].filter((cell) => cell.customers >= 4000);
}

import { describe, expect, it } from 'vitest';
import { dayMs, dayNumber } from '../../../../../src/days.js';
import {
  probabilityAlive,
  purchaseProbabilityIfAlive,
  purchasesLogLikelihood,
  expectedPurchasesIfAlive,
  silentProbability,
} from '../../../../../src/ml/features/prior/purchases/purchase-model.js';
import { toPurchaseRows } from '../../../../../src/ml/features/prior/purchases/purchase-rows.js';
import { eachTime, timesColumns } from '../../../../../src/ml/features/prior/purchases/times.js';
import { ownPrior } from '../../../../../src/ml/features/prior/covariates/covariate-effects.js';
import { predictPrior, predictPriorBatch } from '../../../../../src/ml/features/prior/predict-prior.js';
import { type RfmColumns, type RfmSummary, toRfmColumns } from '../../../../../src/ml/features/prior/rfm-summary.js';
import { Random } from '../../../../../src/random.js';
import { CDNOW_PRIOR, fitted, randomCustomer, simulateShop } from '../shops.js';

const asOf = new Date('2019-12-23');
const kind = { leavesAtFirst: false, leavesWithTime: true };
const ones = { ...kind, r: 1, alpha: 1, a: 1, b: 1 };

/** Some silent since before the pace rose, and at a pace of their own. */
function onTwoClocks(columns: RfmColumns, random: Random) {
  const slow = columns.age.map((age, i) => (i % 2) * random.uniform() * (age - columns.recency[i]!));
  const paces = columns.age.map(() => random.gamma(2, 2));
  const slower = (days: Float64Array) => days.map((value, i) => (value + 2 * slow[i]!) * paces[i]!);
  const leaving = {
    recency: columns.recency.map((value, i) => 1.5 * value * paces[i]!),
    age: slower(columns.age.map((age, i) => age + 0.5 * columns.recency[i]!)),
    slow: slower(slow),
  };
  return { ...columns, slow, leaving };
}

describe('customers who leave with time', () => {
  it('have the likelihood that is worked out by hand', () => {
    const of = (customer: RfmSummary) =>
      purchasesLogLikelihood(ones, toPurchaseRows(toRfmColumns([customer]), 7), new Float64Array(4));
    const once = { frequency: 0, recency: 0, age: 21, monetary: 0, firstValue: 0 };
    const twice = { frequency: 1, recency: 7, age: 21, monetary: 1, firstValue: 0 };
    // Still there, 1 / 4 · 1 / 4, or left at y: the integral of (1 + y)^-3 from 0 to 3.
    expect(of(once)).toBeCloseTo(Math.log(1 / 16 + (1 - 1 / 16) / 2), 12);
    // 4^-2 · 4^-1, or the integral of (1 + y)^-4 from 1 to 3.
    expect(of(twice)).toBeCloseTo(Math.log(1 / 64 + (1 / 8 - 1 / 64) / 3), 12);
    expect(silentProbability(ones, { recency: 0, age: 3, slow: 0 })).toBeCloseTo(1 / 16 + (1 - 1 / 16) / 2, 12);
    expect(probabilityAlive(ones, 1, { recency: 1, age: 3, slow: 0 })).toBeCloseTo(3 / 10, 12);
    // Bought before leaving: the integral of 2 · 4^3 / (4 + y)^4 from 0 to 4; the mean rate 1 / 2 for 4 ln 2 weeks.
    expect(purchaseProbabilityIfAlive(ones, 1, { age: 3, t: 4, slow: 0 })).toBeCloseTo((2 / 3) * (1 - 1 / 8), 12);
    expect(expectedPurchasesIfAlive(ones, 1, { age: 3, t: 4, slow: 0 })).toBeCloseTo(2 * Math.LN2, 12);
    expect(expectedPurchasesIfAlive({ ...ones, a: 1 + 1e-9 }, 1, { age: 3, t: 4, slow: 0 })).toBeCloseTo(
      2 * Math.LN2,
      7,
    );
  });

  it('are one row only where they are alike on both clocks, and before the pace rose', () => {
    const none = new Float64Array(4);
    const age = none.map(() => 21);
    const leaving = { recency: none, age: Float64Array.of(21, 42, 21, 21), slow: none };
    const columns = { frequency: none, recency: none, age, slow: Float64Array.of(0, 0, 7, 0), leaving };
    expect([...toPurchaseRows(columns, 7).count]).toEqual([2, 1, 1]);
  });

  it('may leave four times as soon as others', () => {
    const random = new Random(2);
    const columns = toRfmColumns(Array.from({ length: 40 }, () => randomCustomer(random)));
    const fourfold = (days: Float64Array) => days.map((value) => 4 * value);
    const leaving = eachTime(timesColumns(columns), fourfold);
    const prior = { ...kind, r: 0.3, alpha: 5, a: 0.7, b: 12 };
    const likelihood = (of: typeof prior, times: RfmColumns) =>
      purchasesLogLikelihood(of, toPurchaseRows(times, 7), new Float64Array(4));
    const sooner = { ...columns, leaving, slow: columns.age.map(() => 0) };
    expect(likelihood(prior, sooner)).toBeCloseTo(likelihood({ ...prior, b: 3 }, columns), 8);
  });

  it('leave as soon before the pace rose as since', () => {
    // A week of slow purchases takes two of leaving, then two weeks on both clocks.
    const times = { recency: 0, age: 3, slow: 1 };
    const leaving = { recency: 0, age: 4, slow: 2 };
    const stayed = 1 / 5 / 4;
    // Left at y: the integral of (1 + y)^-2 (1 + y / 2)^-1 from 0 to 2, and of (1 + y)^-2 y^-1 from 2 to 4.
    const left = 2 * (2 / 3 + Math.log(2 / 3)) + Math.log(6 / 5) - 2 / 15;
    expect(silentProbability(ones, times, leaving)).toBeCloseTo(stayed + left, 8);
    expect(probabilityAlive({ ...ones, r: 0 }, 1, times, leaving)).toBeCloseTo(stayed / (stayed + left), 8);
    const rows = toPurchaseRows(
      {
        ...toRfmColumns([{ frequency: 0, recency: 0, age: 21, monetary: 0, firstValue: 0 }]),
        slow: Float64Array.of(7),
        leaving: { recency: Float64Array.of(0), age: Float64Array.of(28), slow: Float64Array.of(14) },
      },
      7,
    );
    expect(purchasesLogLikelihood(ones, rows, new Float64Array(4))).toBeCloseTo(Math.log(stayed + left), 8);
    // Ahead, the rise in their midst: one purchase a week for ln 3 weeks of leaving at half speed, then for ln(5 / 3) weeks.
    const horizon = [
      { age: 0, t: 3, slow: 1 },
      { age: 0, t: 4, slow: 2 },
    ] as const;
    expect(expectedPurchasesIfAlive(ones, 0, ...horizon)).toBeCloseTo(Math.log(3) / 2 + Math.log(5 / 3), 12);
    expect(purchaseProbabilityIfAlive(ones, 0, ...horizon)).toBeCloseTo(1 - stayed - left, 8);
    // A week of purchases that takes two of leaving: 1 / 4 · 1 / 2 a week, for 5 ln(7 / 5) weeks.
    const ahead = expectedPurchasesIfAlive(ones, 0, { age: 3, t: 1, slow: 0 }, { age: 4, t: 2, slow: 0 });
    expect(ahead).toBeCloseTo((5 / 8) * Math.log(7 / 5), 12);
  });

  it('are asked about a time in which the pace rises', () => {
    const prior = { ...kind, r: 0.6, alpha: 3, a: 1.4, b: 9 };
    const [x, now, nowOfLeaving] = [2, 4, 7];
    // Two weeks of purchases take eight of leaving, then three weeks on both clocks.
    const times = { age: now, t: 5, slow: 2 };
    const leaving = { age: nowOfLeaving, t: 11, slow: 8 };
    const time = (y: number) => Math.min(y, 8) / 4 + Math.max(0, y - 8);
    const stays = (y: number) => ((prior.b + nowOfLeaving) / (prior.b + nowOfLeaving + y)) ** prior.a;
    const silent = (y: number) => ((prior.alpha + now) / (prior.alpha + now + time(y))) ** (prior.r + x);
    let [bought, purchases] = [0, 0];
    const step = 1 / 128;
    for (let y = 0; y < leaving.t; y += step) {
      bought += stays(y + step / 2) * (silent(y) - silent(y + step));
      purchases += (stays(y + step / 2) * (time(y + step) - time(y)) * (prior.r + x)) / (prior.alpha + now);
    }
    expect(purchaseProbabilityIfAlive(prior, x, times, leaving)).toBeCloseTo(bought, 6);
    expect(expectedPurchasesIfAlive(prior, x, times, leaving)).toBeCloseTo(purchases, 6);
  });

  it('have the gradient of finite differences', () => {
    const random = new Random(1);
    const customers = Array.from({ length: 40 }, () => randomCustomer(random));
    const rows = toPurchaseRows(onTwoClocks(toRfmColumns(customers), random), 7);
    const parameters = { ...kind, r: 0.3, alpha: 5, a: 0.7, b: 12 };
    const gradient = new Float64Array(4);
    purchasesLogLikelihood(parameters, rows, gradient);
    (['r', 'alpha', 'a', 'b'] as const).forEach((name, j) => {
      const step = 1e-5 * parameters[name];
      const at = (value: number) => purchasesLogLikelihood({ ...parameters, [name]: value }, rows, new Float64Array(4));
      const slope = (at(parameters[name] + step) - at(parameters[name] - step)) / (2 * step);
      expect(slope / gradient[j]!).toBeCloseTo(1, 5);
    });
  });

  it('are predicted all over the range of parameters that a fit may return', () => {
    const random = new Random(7);
    const logUniform = (from: number, to: number) => from * (to / from) ** random.uniform();
    for (let i = 0; i < 2_000; i++) {
      const prior = {
        ...CDNOW_PRIOR,
        ...kind,
        r: logUniform(1e-3, 20),
        alpha: logUniform(1e-3, 1e5),
        a: logUniform(1e-3, 50),
        b: logUniform(1e-3, 1e5),
      };
      const customer = randomCustomer(random);
      const horizon = logUniform(1, 1_100);
      const predicted = predictPrior(prior, customer, horizon, new Date('2024-01-01'));
      for (const value of Object.values(predicted)) expect(Number.isFinite(value)).toBe(true);
      expect(predicted.aliveProbability).toBeGreaterThan(0);
      expect(predicted.aliveProbability).toBeLessThanOrEqual(1);
      expect(predicted.purchaseProbability).toBeGreaterThan(0);
      expect(predicted.purchaseProbability).toBeLessThan(1);
      expect(predicted.expectedPurchases / predicted.purchaseProbability).toBeGreaterThan(0.99);
      const likelihood = purchasesLogLikelihood(
        prior,
        toPurchaseRows(toRfmColumns([customer]), 7),
        new Float64Array(4),
      );
      expect(Number.isFinite(likelihood)).toBe(true);
    }
  });

  it('are silent with no chance above 1 where next to all leave at once', () => {
    const prior = { ...kind, r: 0.0163, alpha: 0.0506, a: 31, b: 0.0031 };
    const chance = silentProbability(prior, { recency: 0, age: 237, slow: 0 }, { recency: 0, age: 6_590, slow: 0 });
    expect(chance).toBeGreaterThan(0.99);
    expect(chance).toBeLessThanOrEqual(1);
  });

  it('are predicted before the day when the pace rises, on it, and after', () => {
    const random = new Random(9);
    const day = dayNumber(asOf) + 30;
    const prior = { ...CDNOW_PRIOR, ...kind, b: 12, pace: { day, before: 0.25 } };
    const customers = Array.from({ length: 200 }, () => randomCustomer(random));
    for (const ago of [-30, -29, -1, 0, 1, 400]) {
      const date = new Date((day + ago) * dayMs);
      const batch = predictPriorBatch(prior, toRfmColumns(customers), 60, date);
      for (const [i, customer] of customers.entries()) {
        const one = predictPrior(prior, customer, 60, date);
        expect(one.aliveProbability).toBeGreaterThan(0);
        expect(one.aliveProbability).toBeLessThanOrEqual(1);
        expect(one.purchaseProbability).toBeGreaterThan(0);
        expect(one.expectedPurchases).toBeGreaterThan(0);
        expect(batch.aliveProbability[i]! / one.aliveProbability).toBeCloseTo(1, 9);
        expect(batch.expectedPurchases[i]! / one.expectedPurchases).toBeCloseTo(1, 9);
      }
    }
  });

  it('are as if it never rose until it does', () => {
    const random = new Random(3);
    const plain = { ...CDNOW_PRIOR, ...kind, b: 12 };
    const prior = { ...plain, alpha: plain.alpha / 4, pace: { day: dayNumber(asOf) + 60, before: 0.25 } };
    for (let i = 0; i < 100; i++) {
      const customer = randomCustomer(random);
      const [own, other] = [prior, plain].map((of) => predictPrior(of, customer, 60, asOf));
      expect(own!.aliveProbability / other!.aliveProbability).toBeCloseTo(1, 9);
      expect(own!.purchaseProbability / other!.purchaseProbability).toBeCloseTo(1, 9);
      expect(own!.expectedPurchases / other!.expectedPurchases).toBeCloseTo(1, 9);
    }
  });

  it('are learnt from as of a day before the pace rises, and on it', () => {
    const columns = simulateShop({ ...CDNOW_PRIOR, ...kind, r: 0.8, b: 12 }, 1_500, 600, new Random(4));
    const plain = fitted(columns, { ...kind, asOf }).parameters;
    for (const ahead of [0, 90]) {
      const pace = { day: dayNumber(asOf) + ahead, before: 0.25 };
      const { parameters } = fitted(columns, { ...kind, asOf, pace });
      expect(parameters.alpha / plain.alpha).toBeCloseTo(0.25, 3);
      expect(parameters.b / plain.b).toBeCloseTo(1, 2);
    }
  });

  it('buy more often and leave sooner by their attributes, each as these say', () => {
    const covariates = { channel: { 'email.': { pace: Math.LN2, price: 0, leaving: Math.log(3) } } };
    const prior = { ...CDNOW_PRIOR, ...kind, b: 12, covariates };
    const own = ownPrior(prior, [{ group: 'covariates', text: 'email.', attribute: 'channel' }]);
    expect(own.alpha).toBeCloseTo(prior.alpha / 2, 12);
    expect(own.b).toBeCloseTo(4, 12);
  });
});

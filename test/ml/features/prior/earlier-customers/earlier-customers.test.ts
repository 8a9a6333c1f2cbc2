import { describe, expect, it } from 'vitest';
import { logGamma } from '../../../../../src/math.js';
import { bgNbdLogLikelihood } from '../../../../../src/ml/features/prior/purchases/bg-nbd.js';
import {
  expectedPurchasesIfAlive,
  probabilityAlive,
  purchaseProbabilityIfAlive,
  purchasesLogLikelihood,
} from '../../../../../src/ml/features/prior/purchases/purchase-model.js';
import { toPurchaseRows } from '../../../../../src/ml/features/prior/purchases/purchase-rows.js';
import { dropOutNodes } from '../../../../../src/ml/features/prior/purchases/drop-out-nodes.js';
import { withEarlierCustomers } from '../../../../../src/ml/features/prior/earlier-customers/learn-earlier-customers.js';
import { learnPriorForm } from '../../../../../src/ml/features/prior/learn-prior-form.js';
import { aheadWithEarlier } from '../../../../../src/ml/features/prior/earlier-customers/predict-earlier.js';
import { predictPrior, predictPriorBatch } from '../../../../../src/ml/features/prior/predict-prior.js';
import type { BgNbdParameters } from '../../../../../src/ml/features/prior/purchases/bg-nbd.js';
import type { RfmColumns } from '../../../../../src/ml/features/prior/rfm-summary.js';
import type { RepeatPurchases } from '../../../../../src/ml/features/repeat-purchases.js';
import { Random } from '../../../../../src/random.js';
import { CDNOW_PRIOR, fitted, simulateShop } from '../shops.js';

const asOf = new Date('2020-01-01');
const kinds: readonly BgNbdParameters[] = [
  { r: 0.24, alpha: 4.4, a: 0.79, b: 2.43, leavesAtFirst: false },
  { r: 1.4, alpha: 9, a: 0.55, b: 0.65, leavesAtFirst: true },
  { r: 0.6, alpha: 10, a: 0.01, b: 80, leavesAtFirst: false },
  { r: 3, alpha: 20, a: 8, b: 30, leavesAtFirst: true },
];

/** Customers who came over `years`, of whom only the last `seenDays` are seen, and what they buy in the `horizon` after it. */
function cutShop(shop: BgNbdParameters, years: number, seenDays: number, customers: number, horizon: number) {
  const random = new Random('cut');
  const rows: { x: number; recency: number; age: number; bought: number }[] = [];
  const repeats: RepeatPurchases[] = [];
  for (let i = 0; i < customers; i++) {
    const came = random.uniform() * years * 365;
    const rate = random.gamma(shop.r, shop.alpha) / 7;
    const leave = random.beta(shop.a, shop.b);
    const end = years * 365;
    const days = [came];
    while (!(days.length > 1 || shop.leavesAtFirst) || random.uniform() >= leave) {
      const next = days.at(-1)! + random.exponential(rate);
      if (next > end + horizon) break;
      days.push(next);
    }
    const seen = days.filter((day) => day >= end - seenDays && day < end);
    if (seen.length === 0) continue;
    const [first, last] = [Math.floor(seen[0]!), Math.floor(seen.at(-1)!)];
    rows.push({
      x: seen.length - 1,
      recency: last - first,
      age: end - first,
      bought: days.filter((day) => day >= end).length,
    });
    const date = (day: number) => Math.floor(day) - end + asOf.getTime() / 86_400_000;
    repeats.push(...seen.slice(1).map((day) => ({ firstDay: date(first), day: date(day), count: 1 })));
  }
  const column = (of: (row: (typeof rows)[number]) => number) => Float64Array.from(rows, of);
  const none = column(() => 0);
  const columns: RfmColumns = {
    frequency: column(({ x }) => x),
    recency: column(({ recency }) => recency),
    age: column(({ age }) => age),
    monetary: column(({ x }) => (x > 0 ? 20 : 0)),
    firstValue: none.map(() => 20),
  };
  return { columns, repeats, bought: column(({ bought }) => bought) };
}

describe('drop-out probabilities', () => {
  it.each(kinds)('have the moments of Beta($a, $b)', ({ a, b }) => {
    const { p, weight, logStay } = dropOutNodes(a, b);
    const mean = (of: (k: number) => number) => weight.reduce((sum, value, k) => sum + value * of(k), 0);
    expect(mean((k) => p[k]!)).toBeCloseTo(a / (a + b), 4);
    for (const x of [1, 5, 40]) {
      const exact = Math.exp(logGamma(b + x) + logGamma(a + b) - logGamma(b) - logGamma(a + b + x));
      expect(mean((k) => Math.exp(x * logStay[k]!)) / exact).toBeCloseTo(1, 2);
    }
  });
});

describe('customers from before history', () => {
  const columns = { ...simulateShop({ ...CDNOW_PRIOR, r: 0.8 }, 200, 500, new Random('rows')) };
  const wait = columns.age.map((age) => 500 - age);
  const rows = toPurchaseRows({ ...columns, wait }, 7);

  it.each(kinds)('change nothing where there was no time for any: r $r', (parameters) => {
    const [gradient, plain] = [new Float64Array(4), new Float64Array(4)];
    const none = { ...parameters, earlier: { since: 0, length: 0 } };
    const exact = bgNbdLogLikelihood(parameters, rows, plain);
    expect(purchasesLogLikelihood(none, rows, gradient) / exact).toBeCloseTo(1, 3);
    for (let j = 0; j < 4; j++) expect(gradient[j]! / plain[j]!).toBeCloseTo(1, 1);
    for (const [frequency, recency, age] of [
      [0, 0, 20],
      [3, 30, 40],
      [12, 50, 51],
    ] as const) {
      const customer = { frequency, recency: 7 * recency, age: 7 * age, wait: 60 };
      const ahead = aheadWithEarlier({ ...parameters, timeUnitDays: 7 }, { since: 0, length: 0 }, customer, 7 * 26);
      const alive = probabilityAlive(parameters, frequency, { recency, age, slow: 0 });
      expect(ahead.aliveProbability).toBeCloseTo(alive, 4);
      expect(ahead.purchaseProbability).toBeCloseTo(
        alive * purchaseProbabilityIfAlive(parameters, frequency, { age, t: 26, slow: 0 }),
        4,
      );
      const often = alive * expectedPurchasesIfAlive(parameters, frequency, { age, t: 26, slow: 0 });
      expect(ahead.expectedPurchases / often).toBeCloseTo(1, 3);
    }
  });

  it.each(kinds)('have a likelihood with that gradient: r $r', (parameters) => {
    const earlier = { since: 0, length: 100 };
    const gradient = new Float64Array(4);
    purchasesLogLikelihood({ ...parameters, earlier }, rows, gradient);
    (['r', 'alpha', 'a', 'b'] as const).forEach((name, j) => {
      const step = 1e-4 * parameters[name];
      const at = (value: number) =>
        purchasesLogLikelihood({ ...parameters, earlier, [name]: value }, rows, new Float64Array(4));
      const slope = (at(parameters[name] + step) - at(parameters[name] - step)) / (2 * step);
      expect(Math.abs(gradient[j]! - slope) * parameters[name]).toBeLessThan(0.02);
    });
  });

  it('are told in a shop whose history begins in its midst, and newcomers with them', () => {
    const shop = { ...CDNOW_PRIOR, r: 1.2, alpha: 9, a: 0.5, b: 0.7, leavesAtFirst: true };
    const { columns: seen, repeats, bought } = cutShop(shop, 5, 420, 12_000, 365);
    const form = withEarlierCustomers(learnPriorForm({ columns: seen, repeats, asOf }), seen, [], asOf);
    expect(form).toMatchObject({ leavesAtFirst: true, tellsNewcomers: false });
    // Who had come before is known for those alone who leave after purchases, at a pace that does not fade.
    const withTime = {
      ...learnPriorForm({ columns: seen, repeats, asOf }),
      leavesWithTime: true,
      fading: { days: 700, floor: 0.2 },
    };
    expect(withEarlierCustomers(withTime, seen, [], asOf)).toEqual(form);
    const day = Math.floor(asOf.getTime() / 86_400_000);
    expect(form.earlier!.since).toBeLessThanOrEqual(day - 418);
    expect((form.earlier!.length * 7) / 365).toBeGreaterThanOrEqual(1);
    const fit = (earlier: typeof form.earlier) =>
      fitted(seen, { ...form, ...(earlier ? { earlier } : { earlier: undefined }), asOf }).parameters;
    const [told, plain] = [fit(form.earlier), fit(undefined)];
    expect(Math.abs(told.a - shop.a)).toBeLessThan(Math.abs(plain.a - shop.a) / 2);
    const newest = Array.from(seen.age.keys()).filter((row) => seen.age[row]! < 200 && seen.frequency[row] === 0);
    const ratio = (prior: typeof told) => {
      const { expectedPurchases } = predictPriorBatch(prior, seen, 365, asOf);
      const total = (values: Float64Array) => newest.reduce((sum, row) => sum + values[row]!, 0);
      return total(expectedPurchases) / total(bought);
    };
    expect(ratio(plain)).toBeGreaterThan(1.5);
    expect(ratio(told)).toBeGreaterThan(0.8);
    expect(ratio(told)).toBeLessThan(1.3);
  });

  it('are predicted one by one as all together', () => {
    const prior = { ...CDNOW_PRIOR, earlier: { since: asOf.getTime() / 86_400_000 - 500, length: 104 } };
    const all = predictPriorBatch(prior, columns, 180, asOf);
    for (const row of [0, 50, 199]) {
      const { frequency, recency, age, monetary, firstValue } = columns;
      const one = {
        frequency: frequency[row]!,
        recency: recency[row]!,
        age: age[row]!,
        monetary: monetary[row]!,
        firstValue: firstValue[row]!,
      };
      const predicted = predictPrior(prior, one, 180, asOf);
      expect(predicted.expectedPurchases).toBeCloseTo(all.expectedPurchases[row]!, 12);
      expect(predicted.purchaseProbability).toBeCloseTo(all.purchaseProbability[row]!, 12);
    }
  });

  it('are not told in a shop that is seen from its first customers on', () => {
    const shop = { ...CDNOW_PRIOR, r: 1.2, alpha: 9, a: 0.5, b: 0.7, leavesAtFirst: true };
    const whole = simulateShop(shop, 6_000, 700, new Random('whole'));
    const form = learnPriorForm({ columns: whole, repeats: [], asOf });
    expect(withEarlierCustomers(form, whole, [], asOf)).toBe(form);
  });
});

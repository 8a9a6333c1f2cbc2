import { describe, expect, it } from 'vitest';
import type { BtydPrior } from '../../../../../src/ml/features/prior/fit-prior.js';
import { fitFirstAmounts } from '../../../../../src/ml/features/prior/first-amounts/fit-first-amounts.js';
import { priorOfAmount } from '../../../../../src/ml/features/prior/first-amounts/first-amounts.js';
import { learnFirstAmounts } from '../../../../../src/ml/features/prior/first-amounts/learn-first-amounts.js';
import { predictPrior, predictPriorBatch } from '../../../../../src/ml/features/prior/predict-prior.js';
import type { RfmColumns } from '../../../../../src/ml/features/prior/rfm-summary.js';
import { Random } from '../../../../../src/random.js';
import { CDNOW_PRIOR, fitted, plainForm, simulateShop } from '../shops.js';

const { asOf } = plainForm;
const horizonDays = 120;
/** Half of them never come back. */
const passersBy: BtydPrior = { ...CDNOW_PRIOR, r: 2, alpha: 12, a: 1, b: 1, leavesAtFirst: true };
/** Monthly, and nine in ten stay after each purchase. */
const subscribers: BtydPrior = { ...passersBy, r: 20, alpha: 80, a: 1, b: 9 };

function joined(...parts: readonly RfmColumns[]): RfmColumns {
  const column = (name: Exclude<keyof RfmColumns, 'gapVariation'>) =>
    Float64Array.from(parts.flatMap((part) => [...part[name]]));
  return {
    frequency: column('frequency'),
    recency: column('recency'),
    age: column('age'),
    monetary: column('monetary'),
    firstValue: column('firstValue'),
  };
}

const beganWith = (columns: RfmColumns, amount: (row: number) => number): RfmColumns => ({
  ...columns,
  firstValue: columns.firstValue.map((_, row) => amount(row)),
});

const shopOf = (people: BtydPrior, customers: number, seed: string) =>
  simulateShop(people, customers, 500, new Random(seed));
const others = shopOf(passersBy, 3_000, 'passers-by');
const shop = joined(
  others,
  beganWith(shopOf(subscribers, 1_000, 'subscribers'), (row) => (row % 2 === 0 ? 19 : 29)),
);
const form = { ...plainForm, leavesAtFirst: true };

describe('amounts that tell customers apart', () => {
  it('are those of customers who buy otherwise than who paid a little less or more', () => {
    expect(learnFirstAmounts(form, shop, asOf)).toEqual(['19.00', '29.00']);
  });

  it('are none where everybody pays such an amount by chance', () => {
    const random = new Random('prices');
    const prices = [9.9, 14.9, 19.9, 24.9, 29.9, 49.9];
    const byLot = beganWith(shop, () => prices[random.integer(prices.length)]!);
    expect(learnFirstAmounts(form, byLot, asOf)).toEqual([]);
  });

  it('are none where it is the size that tells, not the very amount', () => {
    const random = new Random('size');
    const priced = (cents: () => number) =>
      joined(
        ...Array.from({ length: 8 }, (_, i) => {
          const people = { ...passersBy, r: 1 + i / 4 };
          return beganWith(shopOf(people, 500, `size ${i}`), () => 10 + 5 * i + (random.integer(10) < 5 ? 0 : cents()));
        }),
      );
    expect(
      learnFirstAmounts(
        form,
        priced(() => 5 * random.uniform()),
        asOf,
      ),
    ).toEqual([]);
  });

  it('are none where few paid the same, or all, or where customers buy by years', () => {
    const few = beganWith(shopOf(subscribers, 90, 'few'), () => 29);
    expect(learnFirstAmounts(form, joined(others, few), asOf)).toEqual([]);
    const enough = beganWith(shopOf(subscribers, 110, 'few'), () => 29);
    expect(learnFirstAmounts(form, joined(others, enough), asOf)).toEqual(['29.00']);
    expect(
      learnFirstAmounts(
        form,
        beganWith(shop, () => 29),
        asOf,
      ),
    ).toEqual([]);
    const yearly = { months: Array.from({ length: 12 }, () => 1 / 12), firstMonth: 0 };
    expect(learnFirstAmounts({ ...form, yearly }, shop, asOf)).toEqual([]);
  });
});

describe('what is expected of customers who began with such an amount', () => {
  const { parameters: plain } = fitted(shop, form);
  const firstAmounts = fitFirstAmounts(plain, shop, asOf, ['19.00', '29.00', '77.00'])!;
  const prior: BtydPrior = { ...plain, firstAmounts };
  const newcomer = { frequency: 0, recency: 0, age: 20, monetary: 0, firstValue: 29 };
  const expected = (by: BtydPrior, firstValue: number) =>
    predictPrior(by, { ...newcomer, firstValue }, horizonDays, asOf).expectedPurchases;

  it('is nearly what people like them do', () => {
    expect(Object.keys(firstAmounts.byAmount)).toEqual(['19.00', '29.00']);
    expect(expected(prior, 29) / expected(subscribers, 29)).toBeCloseTo(1, 0.9);
    expect(expected(prior, 28.5) / expected(passersBy, 28.5)).toBeCloseTo(1, 0.9);
    expect(expected(plain, 29)).toBeLessThan(0.8 * expected(subscribers, 29));
    expect(expected(plain, 28.5)).toBeGreaterThan(1.2 * expected(passersBy, 28.5));
  });

  it('goes by cents', () => {
    expect(priorOfAmount(prior, 29.004)).toEqual(priorOfAmount(prior, 29));
    expect(priorOfAmount(prior, 29.01)).toEqual(priorOfAmount(prior, 1_000));
    expect(priorOfAmount(plain, 29)).toBe(plain);
  });

  it('is the same for one as for many', () => {
    const columns = predictPriorBatch(prior, shop, horizonDays, asOf);
    for (const row of [0, 1, 2_999, 3_000, 3_001, 3_999]) {
      const { frequency, recency, age, monetary, firstValue } = shop;
      const customer = {
        frequency: frequency[row]!,
        recency: recency[row]!,
        age: age[row]!,
        monetary: monetary[row]!,
        firstValue: firstValue[row]!,
      };
      const one = predictPrior(prior, customer, horizonDays, asOf);
      for (const name of Object.keys(one) as (keyof typeof one)[]) {
        expect(columns[name][row]! / one[name]).toBeCloseTo(1, 10);
      }
    }
  });

  it('is what all are expected to do where none of the amounts has customers enough', () => {
    expect(fitFirstAmounts(plain, others, asOf, ['19.00', '29.00'])).toBeNull();
  });

  it('leaves out newcomers of whom a share never buys again', () => {
    const strangers: RfmColumns = beganWith(
      {
        ...shopOf(passersBy, 1_000, 'strangers'),
        frequency: new Float64Array(1_000),
        recency: new Float64Array(1_000),
      },
      () => 29,
    );
    const boom = joined(shop, { ...strangers, age: strangers.age.map((age) => 1 + (age % 30)) });
    const since = Math.floor(asOf.getTime() / 86_400_000) - 30;
    const share: BtydPrior = { ...plain, newcomers: { since, differ: 'SHARE', ratios: [0.3] } };
    const told = fitFirstAmounts(share, boom, asOf, ['29.00'])!.byAmount['29.00']!;
    const mixed = fitFirstAmounts(plain, boom, asOf, ['29.00'])!.byAmount['29.00']!;
    const known = firstAmounts.byAmount['29.00']!;
    const leaving = ({ a, b }: typeof known) => a / (a + b);
    expect(leaving(told) / leaving(known)).toBeCloseTo(1, 0.5);
    expect(leaving(mixed)).toBeGreaterThan(2 * leaving(known));
  });
});

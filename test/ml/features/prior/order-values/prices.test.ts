import { describe, expect, it } from 'vitest';
import { dayNumber, yearDays } from '../../../../../src/days.js';
import { comparableYears, learnPrices } from '../../../../../src/ml/features/prior/order-values/learn-prices.js';
import {
  columnsInPrices,
  inPrices,
  priceAhead,
  riseOfYear,
  type Prices,
} from '../../../../../src/ml/features/prior/order-values/prices.js';
import { predictPrior, predictPriorBatch } from '../../../../../src/ml/features/prior/predict-prior.js';
import { toRfmColumns, type RfmSummary } from '../../../../../src/ml/features/prior/rfm-summary.js';
import type { ValuesOfYear } from '../../../../../src/ml/features/values-by-year.js';
import { Random } from '../../../../../src/random.js';
import { CDNOW_PRIOR } from '../shops.js';

const asOf = new Date('2024-07-01');
const now = dayNumber(asOf);
const columnsOf = (ages: readonly number[]) => ({ age: Float64Array.from(ages) });

interface Shop {
  readonly years: number;
  /** Log of what an order is worth so many years before the as-of date. */
  readonly priceOf: (yearsAgo: number) => number;
  /** Log of the mean order value of a customer who joined so many years ago. */
  readonly meanOf?: (yearsAgo: number) => number;
  readonly customers?: number;
}

/** Customers who come all along and buy every 40 days on average, as `computeValuesByYear` reads them. */
function shopOf({ years, priceOf, meanOf = () => 3, customers = 1_500 }: Shop) {
  const random = new Random('prices');
  const ages = Array.from({ length: customers }, () => 1 + random.integer(Math.ceil(years * yearDays)));
  const values = ages.flatMap((age, i): ValuesOfYear[] => {
    const mean = meanOf(age / yearDays) + random.normal(0, 0.6);
    const own = new Map<number, { count: number; daysAgo: number; log: number; square: number }>();
    for (let ago = age - random.exponential(1 / 40); ago > 1; ago -= random.exponential(1 / 40)) {
      const log = mean + priceOf(ago / yearDays) + random.normal(0, 0.4);
      const year = Math.floor((ago - 1) / yearDays);
      const of = own.get(year) ?? { count: 0, daysAgo: 0, log: 0, square: 0 };
      own.set(year, {
        count: of.count + 1,
        daysAgo: of.daysAgo + ago,
        log: of.log + log,
        square: of.square + log ** 2,
      });
    }
    return [...own].sort(([a], [b]) => a - b).map(([year, sums]) => ({ customerId: `${i}`, year, ...sums }));
  });
  return { values, columns: columnsOf(ages) };
}

const learn = (shop: Shop) => {
  const { values, columns } = shopOf(shop);
  return learnPrices(values, columns, asOf);
};

describe('what the same customers come to spend more an order', () => {
  it('is found, and carried on for a year', () => {
    const prices = learn({ years: 4, priceOf: (ago) => -0.08 * ago })!;
    expect(riseOfYear(prices, asOf)).toBeCloseTo(Math.expm1(0.08), 1.5);
    expect(priceAhead(prices, 365, asOf)).toBeCloseTo(Math.exp(0.04), 1.5);
    // No further than that.
    const threeYears = priceAhead(prices, 3 * 365, asOf);
    expect(threeYears).toBeLessThan(Math.exp(0.085));
    expect(threeYears).toBeGreaterThan(priceAhead(prices, 365, asOf));
  });

  it('is not expected to be more than twice as much in a year', () => {
    const prices = learn({ years: 3, priceOf: (ago) => -1.2 * ago })!;
    expect(riseOfYear(prices, asOf)).toBeCloseTo(Math.expm1(1.2), 0);
    expect(prices.at(-1)!.log - prices.at(-2)!.log).toBeCloseTo(Math.log(2), 9);
  });

  it('may be less', () => {
    expect(riseOfYear(learn({ years: 3, priceOf: (ago) => 0.1 * ago })!, asOf)).toBeCloseTo(Math.expm1(-0.1), 1.5);
  });

  it('has a rate of its own for each year where one for all does not do', () => {
    const prices = learn({ years: 5, priceOf: (ago) => -0.25 * Math.min(ago, 1) })!;
    expect(riseOfYear(prices, asOf)).toBeGreaterThan(0.12);
    const before = new Date((now - 3 * yearDays) * 86_400_000);
    expect(riseOfYear(prices, before)).toBeCloseTo(0, 1);
  });

  it('is nothing where values stay, though new customers spend more than earlier ones', () => {
    expect(learn({ years: 4, priceOf: () => 0 })).toBeUndefined();
    expect(learn({ years: 4, priceOf: () => 0, meanOf: (ago) => 3 - 0.3 * ago })).toBeUndefined();
  });

  it('is not learnt from few customers, nor from a change too small to matter', () => {
    expect(learn({ years: 4, priceOf: (ago) => -0.3 * ago, customers: 90 })).toBeUndefined();
    expect(learn({ years: 4, priceOf: (ago) => -0.012 * ago, customers: 30_000 })).toBeUndefined();
  });

  it('is learnt from the years that customers share', () => {
    const { values, columns } = shopOf({ years: 6, priceOf: (ago) => -0.1 * ago });
    // As if all customers had been given new ids three years ago.
    const renamed = values.map((value) => (value.year < 3 ? value : { ...value, customerId: `${value.customerId}b` }));
    renamed.sort((a, b) => (a.customerId < b.customerId ? -1 : 1));
    const prices = learnPrices(renamed, columns, asOf)!;
    expect(riseOfYear(prices, asOf)).toBeCloseTo(Math.expm1(0.1), 1.5);
    expect(prices[0]!.day).toBeGreaterThan(now - 4 * yearDays);
  });

  it('needs two whole years', () => {
    const since = (days: number) => columnsOf(Array.from({ length: 1_000 }, (_, i) => Math.max(1, days - i)));
    expect(comparableYears(since(729))).toBe(0);
    expect(comparableYears(since(731))).toBe(2);
    expect(comparableYears(since(20 * 366))).toBe(10);
  });
});

/** A tenth more each year, in money of day `now`. */
const tenth = Math.log(1.1);
const prices: Prices = [
  { day: now - 2 * yearDays, log: 5 - 2 * tenth },
  { day: now + yearDays, log: 5 + tenth },
];
const customer: RfmSummary = { frequency: 3, recency: 2 * yearDays, age: 2 * yearDays, monetary: 20, firstValue: 10 };

describe('order values in the prices of a date', () => {
  it('are those of the days when they were bought, times the rise since', () => {
    const { monetary, firstValue } = inPrices(prices, customer, asOf);
    expect(firstValue).toBeCloseTo(10 * 1.1 ** 2, 9);
    // One today, two evenly in two years: their mean price is (1 - 1.1^-2) / (2 ln 1.1).
    const between = (1 - 1.1 ** -2) / (2 * tenth);
    expect(monetary).toBeCloseTo((20 * 3) / (1 + 2 * between), 6);
    const once = inPrices(prices, { ...customer, frequency: 1, recency: yearDays }, asOf);
    expect(once.monetary).toBeCloseTo(22, 9);
    expect(inPrices(prices, { ...customer, frequency: 0, recency: 0, monetary: 0 }, asOf).monetary).toBe(0);
  });

  it('are as they were where prices are level: before the first knot, after the last one, and without any', () => {
    const longAgo = new Date((now - 2 * yearDays) * 86_400_000);
    expect(inPrices(prices, customer, longAgo)).toEqual(customer);
    expect(priceAhead(prices, 100, new Date((now + 366) * 86_400_000))).toBe(1);
    expect(inPrices(undefined, customer, asOf)).toBe(customer);
    expect(priceAhead(undefined, 100, asOf)).toBe(1);
  });

  it('are what the prior expects more of, by as much as prices rise in the horizon', () => {
    const plain = predictPrior(CDNOW_PRIOR, inPrices(prices, customer, asOf), 365, asOf);
    const rising = predictPrior({ ...CDNOW_PRIOR, prices }, customer, 365, asOf);
    expect(rising.expectedOrderValue).toBeCloseTo(plain.expectedOrderValue * priceAhead(prices, 365, asOf), 9);
    expect(rising.expectedPurchases).toBe(plain.expectedPurchases);
    expect(rising.purchaseProbability).toBe(plain.purchaseProbability);
  });

  it('are the same in a batch', () => {
    const customers = [customer, { ...customer, frequency: 0, recency: 0, monetary: 0 }, { ...customer, age: 900 }];
    const prior = { ...CDNOW_PRIOR, prices };
    const batch = predictPriorBatch(prior, toRfmColumns(customers), 180, asOf).expectedValue;
    customers.forEach((each, i) => expect(batch[i]).toBeCloseTo(predictPrior(prior, each, 180, asOf).expectedValue, 9));
    const columns = columnsInPrices(prices, toRfmColumns(customers), asOf);
    customers.forEach((each, i) => expect(columns.monetary[i]).toBe(inPrices(prices, each, asOf).monetary));
  });
});

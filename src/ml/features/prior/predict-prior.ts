import { ClvError } from '../../../errors.js';
import {
  expectedPurchasesIfAlive,
  probabilityAlive,
  purchaseProbabilityIfAlive,
  silentProbability,
} from './purchases/purchase-model.js';
import { inUnits, type TimesOnBoth, timesOnBoth } from './purchases/times.js';
import type { BtydPrior } from './fit-prior.js';
import { ownPriors, priorOfAmount } from './first-amounts/first-amounts.js';
import { groupRows } from './fitting/group-rows.js';
import { expectedOrderValue } from './order-values/order-values.js';
import { columnsInPrices, inPrices, priceAhead } from './order-values/prices.js';
import { leastProbability, type PurchasesAhead } from './purchases/purchases-ahead.js';
import { predictYearly } from './yearly/predict-yearly.js';
import { aliveByRhythm } from './rhythm/rhythm.js';
import { checkRfm, checkRfmColumns, type RfmColumns, type RfmSummary, rowOf, rowsOf } from './rfm-summary.js';
import { shareOf, shareOfSilent } from './newcomers/newcomers.js';
import { waitOf } from './earlier-customers/earlier-customers.js';
import { aheadWithEarlier } from './earlier-customers/predict-earlier.js';
import { aheadOnClock, columnsOnClock, firstDayOf, horizonOnClock, onClock } from './clock/purchase-clock.js';

/** What the prior says of one customer over a horizon that starts at the as-of date. Money in currency. */
export interface PriorPrediction extends PurchasesAhead {
  /** P(at least one purchase in the horizon); above 0 and below 1, so that its logit is finite. */
  readonly purchaseProbability: number;
  readonly expectedOrderValue: number;
  /** expectedPurchases * expectedOrderValue */
  readonly expectedValue: number;
  /** expectedValue / purchaseProbability */
  readonly valueGivenPurchase: number;
}

/** Predictions of many customers, one typed array a field. */
export type PriorPredictionColumns = { [Field in keyof PriorPrediction]: Float64Array };

/** The days from the as-of date on that are predicted. */
interface Period {
  readonly horizonDays: number;
  readonly asOf: Date;
}

/**
 * @param customer in calendar days, as of `asOf`
 * @throws ClvError BAD_USER_INPUT for an impossible history or a horizon that is not above 0
 */
export function predictPrior(prior: BtydPrior, customer: RfmSummary, horizonDays: number, asOf: Date): PriorPrediction {
  checkHorizon(horizonDays);
  checkRfm(customer);
  const price = priceAhead(prior.prices, horizonDays, asOf);
  const own = priorOfAmount(prior, customer.firstValue);
  return combine(own, aheadOf(own, customer, { horizonDays, asOf }), inPrices(prior.prices, customer, asOf), price);
}

function aheadOf(prior: BtydPrior, customer: RfmSummary, { horizonDays, asOf }: Period): PurchasesAhead {
  const { earlier, yearly, newcomers } = prior;
  const { frequency, age } = customer;
  const firstDay = firstDayOf(age, asOf);
  if (yearly) return predictYearly(yearly, customer, horizonDays, asOf, shareOf(newcomers, firstDay));
  const days = onClock(prior, customer, asOf);
  if (earlier) {
    const wait = waitOf(prior, earlier, firstDay);
    const horizon = horizonOnClock(prior, age, horizonDays, asOf);
    return aheadWithEarlier(prior, earlier, { ...days, frequency, wait }, horizon);
  }
  const times = inUnits(days, prior.timeUnitDays);
  const alive = ifAlive(prior, customer, times, { horizonDays, asOf });
  return ahead(prior, alive, customer, times, firstDay);
}

/**
 * predictPrior for many customers over one horizon.
 * @throws ClvError BAD_USER_INPUT as predictPrior, naming the row
 */
export function predictPriorBatch(
  prior: BtydPrior,
  customers: RfmColumns,
  horizonDays: number,
  asOf: Date,
): PriorPredictionColumns {
  checkHorizon(horizonDays);
  checkRfmColumns(customers);
  const { frequency, monetary, firstValue } = columnsInPrices(prior.prices, customers, asOf);
  const count = frequency.length;
  const price = priceAhead(prior.prices, horizonDays, asOf);
  const columns: PriorPredictionColumns = {
    purchaseProbability: new Float64Array(count),
    aliveProbability: new Float64Array(count),
    expectedPurchases: new Float64Array(count),
    expectedOrderValue: new Float64Array(count),
    expectedValue: new Float64Array(count),
    valueGivenPurchase: new Float64Array(count),
  };
  for (const { own, rows } of ownPriors(prior, customers)) {
    const aheadOfRow = aheadOfRows(own, rowsOf(customers, rows), { horizonDays, asOf });
    rows.forEach((i, place) => {
      const value = { frequency: frequency[i]!, monetary: monetary[i]!, firstValue: firstValue[i]! };
      const row = combine(own, aheadOfRow(place), value, price);
      columns.purchaseProbability[i] = row.purchaseProbability;
      columns.aliveProbability[i] = row.aliveProbability;
      columns.expectedPurchases[i] = row.expectedPurchases;
      columns.expectedOrderValue[i] = row.expectedOrderValue;
      columns.expectedValue[i] = row.expectedValue;
      columns.valueGivenPurchase[i] = row.valueGivenPurchase;
    });
  }
  return columns;
}

function checkHorizon(horizonDays: number): void {
  if (horizonDays > 0 && horizonDays < Infinity) return;
  throw new ClvError('BAD_USER_INPUT', `The horizon is ${horizonDays} days: give a number of days above 0.`);
}

type IfAlive = Omit<PurchasesAhead, 'aliveProbability'>;

/**
 * What a customer buys in the horizon if they have not left by the as-of date.
 * @param customer in calendar days
 * @param times of the same customer, in time units of the prior
 */
function ifAlive(
  prior: BtydPrior,
  { frequency, age }: Pick<RfmSummary, 'frequency' | 'age'>,
  times: TimesOnBoth,
  { horizonDays, asOf }: Period,
): IfAlive {
  const unit = prior.timeUnitDays;
  const horizon = aheadOnClock(prior, age, horizonDays, asOf);
  const own = { age: times.age, t: horizon.times.t / unit, slow: horizon.times.slow / unit };
  const leaving = { age: times.leaving.age, t: horizon.leaving.t / unit, slow: horizon.leaving.slow / unit };
  // Where the pace fades to nothing, a horizon of somebody who came long ago has no length on the clock.
  return {
    purchaseProbability: Math.max(purchaseProbabilityIfAlive(prior, frequency, own, leaving), leastProbability),
    expectedPurchases: Math.max(expectedPurchasesIfAlive(prior, frequency, own, leaving), leastProbability),
  };
}

/**
 * What is expected of a customer who may have left.
 * @param customer in calendar days
 */
function ahead(
  prior: BtydPrior,
  alive: IfAlive,
  customer: RfmSummary,
  times: TimesOnBoth,
  firstDay: number,
): PurchasesAhead {
  const { frequency } = customer;
  const share = shareOf(prior.newcomers, firstDay);
  const asOthers = frequency > 0 ? 1 : shareOfSilent(share, silentProbability(prior, times, times.leaving));
  const byChance = probabilityAlive(prior, frequency, times, times.leaving);
  const stayed = aliveByRhythm(prior.rhythm, customer, byChance);
  const aliveProbability = Math.max(asOthers * stayed, leastProbability);
  return {
    aliveProbability,
    purchaseProbability: aliveProbability * alive.purchaseProbability,
    expectedPurchases: aliveProbability * alive.expectedPurchases,
  };
}

/** `aheadOf` by row; what rows have in common is computed once. */
function aheadOfRows(
  prior: BtydPrior,
  customers: RfmColumns,
  { horizonDays, asOf }: Period,
): (row: number) => PurchasesAhead {
  const { earlier, yearly, newcomers } = prior;
  if (yearly) {
    const { frequency, recency, age } = customers;
    return byGroup([frequency, recency, age], (row) => {
      const customer = { frequency: frequency[row]!, recency: recency[row]!, age: age[row]! };
      return predictYearly(yearly, customer, horizonDays, asOf, shareOf(newcomers, firstDayOf(customer.age, asOf)));
    });
  }
  const timed = columnsOnClock(prior, customers, asOf);
  const { frequency, recency, age, wait } = timed;
  if (earlier && wait) {
    return (row) => {
      const customer = { frequency: frequency[row]!, recency: recency[row]!, age: age[row]!, wait: wait[row]! };
      const horizon = horizonOnClock(prior, customers.age[row]!, horizonDays, asOf);
      return aheadWithEarlier(prior, earlier, customer, horizon);
    };
  }
  const timesOf = timesOnBoth(timed, prior.timeUnitDays);
  // The costly part depends on (x, T) alone.
  const alive = byGroup([frequency, customers.age], (row) => {
    const customer = { frequency: frequency[row]!, age: customers.age[row]! };
    return ifAlive(prior, customer, timesOf(row), { horizonDays, asOf });
  });
  return (row) => ahead(prior, alive(row), rowOf(customers, row), timesOf(row), firstDayOf(customers.age[row]!, asOf));
}

/** Computes a value for the first row of each group of rows that agree in these columns, and gives it for all of them. */
function byGroup<Value>(columns: readonly Float64Array[], compute: (row: number) => Value): (row: number) => Value {
  const { groupOf, firstRow } = groupRows(columns);
  const values = Array.from(firstRow, compute);
  return (row) => values[groupOf[row]!]!;
}

/**
 * @param value in prices of the as-of date
 * @param price of the horizon, as `priceAhead`
 */
function combine(
  prior: BtydPrior,
  purchases: PurchasesAhead,
  { frequency, monetary, firstValue }: Pick<RfmSummary, 'frequency' | 'monetary' | 'firstValue'>,
  price: number,
): PriorPrediction {
  const { aliveProbability, expectedPurchases } = purchases;
  const purchaseProbability = Math.min(purchases.purchaseProbability, 1 - leastProbability);
  const orderValue = price * expectedOrderValue(prior, frequency, monetary, firstValue);
  const expectedValue = expectedPurchases * orderValue;
  return {
    purchaseProbability,
    aliveProbability,
    expectedPurchases,
    expectedOrderValue: orderValue,
    expectedValue,
    valueGivenPurchase: expectedValue / purchaseProbability,
  };
}

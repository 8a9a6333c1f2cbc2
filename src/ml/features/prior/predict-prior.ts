import { ClvError } from '../../../errors.js';
import {
  expectedPurchasesIfAlive,
  probabilityAlive,
  purchaseProbabilityIfAlive,
  silentProbability,
} from './purchases/purchase-model.js';
import { inUnits, type TimesOnBoth, timesOnBoth } from './purchases/times.js';
import type { BtydPrior } from './fit-prior.js';
import { groupRows } from './fitting/group-rows.js';
import { expectedOrderValue } from './order-values/order-values.js';
import { type PurchasesAhead, predictYearly } from './yearly/predict-yearly.js';
import { checkRfm, checkRfmColumns, type RfmColumns, type RfmSummary } from './rfm-summary.js';
import { type Newcomers, shareOf, shareOfSilent } from './newcomers/newcomers.js';
import { waitOf } from './earlier-customers/earlier-customers.js';
import { aheadWithEarlier } from './earlier-customers/predict-earlier.js';
import { aheadOnClock, columnsOnClock, firstDayOf, horizonOnClock, onClock } from './clock/purchase-clock.js';
import type { YearlyParameters } from './yearly/yearly-model.js';

/** What the prior says of one customer over a horizon that starts at the as-of date. Money in currency. */
export interface PriorPrediction {
  /** P(at least one purchase in the horizon); above 0 and below 1, so that its logit is finite. */
  purchaseProbability: number;
  /** P(has not left for good at the as-of date). */
  aliveProbability: number;
  /** Expected number of purchase days in the horizon. */
  expectedPurchases: number;
  expectedOrderValue: number;
  /** expectedPurchases * expectedOrderValue */
  expectedValue: number;
  /** expectedValue / purchaseProbability */
  valueGivenPurchase: number;
}

/** The same, one typed array a field. */
export type PriorPredictionColumns = { [Field in keyof PriorPrediction]: Float64Array };

/** Keeps logits finite; no data set can tell a smaller probability from this one. */
const minProbability = 1e-12;

/**
 * @param customer in calendar days, as of `asOf`; the date matters only to a prior that knows seasons
 * @throws ClvError BAD_USER_INPUT for an impossible history or a horizon that is not above 0
 */
export function predictPrior(prior: BtydPrior, customer: RfmSummary, horizonDays: number, asOf: Date): PriorPrediction {
  checkHorizon(horizonDays);
  checkRfm(customer);
  const firstDay = firstDayOf(customer.age, asOf);
  if (prior.yearly) {
    const share = shareOf(prior.newcomers, firstDay);
    return combine(prior, predictYearly(prior.yearly, customer, horizonDays, asOf, share), customer);
  }
  const { frequency, age } = customer;
  const days = onClock(prior, customer, asOf);
  if (prior.earlier) {
    const horizon = horizonOnClock(prior, age, horizonDays, asOf);
    const wait = waitOf(prior, prior.earlier, firstDay);
    return combine(prior, aheadWithEarlier(prior, prior.earlier, { ...days, frequency, wait }, horizon), customer);
  }
  const times = inUnits(days, prior.timeUnitDays);
  const alive = ifAlive(prior, customer, times, { horizonDays, asOf });
  return combine(prior, ahead(prior, alive, frequency, times, firstDay), customer);
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
  const { frequency, monetary, firstValue } = customers;
  const count = frequency.length;
  const aheadOf = prior.yearly
    ? yearlyAhead(prior.yearly, prior.newcomers, customers, { horizonDays, asOf })
    : ratesAhead(prior, customers, horizonDays, asOf);
  const columns: PriorPredictionColumns = {
    purchaseProbability: new Float64Array(count),
    aliveProbability: new Float64Array(count),
    expectedPurchases: new Float64Array(count),
    expectedOrderValue: new Float64Array(count),
    expectedValue: new Float64Array(count),
    valueGivenPurchase: new Float64Array(count),
  };
  for (let i = 0; i < count; i++) {
    const value = { frequency: frequency[i]!, monetary: monetary[i]!, firstValue: firstValue[i]! };
    const row = combine(prior, aheadOf(i), value);
    columns.purchaseProbability[i] = row.purchaseProbability;
    columns.aliveProbability[i] = row.aliveProbability;
    columns.expectedPurchases[i] = row.expectedPurchases;
    columns.expectedOrderValue[i] = row.expectedOrderValue;
    columns.expectedValue[i] = row.expectedValue;
    columns.valueGivenPurchase[i] = row.valueGivenPurchase;
  }
  return columns;
}

function checkHorizon(horizonDays: number): void {
  if (horizonDays > 0 && horizonDays < Infinity) return;
  throw new ClvError('BAD_USER_INPUT', `The horizon is ${horizonDays} days: give a number of days above 0.`);
}

interface IfAlive {
  purchaseProbability: number;
  expectedPurchases: number;
}

interface Period {
  readonly horizonDays: number;
  readonly asOf: Date;
}

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
  return {
    purchaseProbability: purchaseProbabilityIfAlive(prior, frequency, own, leaving),
    expectedPurchases: expectedPurchasesIfAlive(prior, frequency, own, leaving),
  };
}

/** The same whether they have left or not. */
function ahead(
  prior: BtydPrior,
  alive: IfAlive,
  frequency: number,
  times: TimesOnBoth,
  firstDay: number,
): PurchasesAhead {
  const share = shareOf(prior.newcomers, firstDay);
  const asOthers = frequency > 0 ? 1 : shareOfSilent(share, silentProbability(prior, times, times.leaving));
  const stayed = probabilityAlive(prior, frequency, times, times.leaving);
  const aliveProbability = Math.max(asOthers * stayed, minProbability);
  return {
    aliveProbability,
    purchaseProbability: aliveProbability * alive.purchaseProbability,
    expectedPurchases: aliveProbability * alive.expectedPurchases,
  };
}

/** By BG/NBD or Pareto/NBD. @returns of each row */
function ratesAhead(
  prior: BtydPrior,
  customers: RfmColumns,
  horizonDays: number,
  asOf: Date,
): (row: number) => PurchasesAhead {
  const timed = columnsOnClock(prior, customers, asOf);
  const { frequency, recency, age, wait } = timed;
  const { earlier } = prior;
  if (earlier && wait) {
    return (i) => {
      const own = { frequency: frequency[i]!, recency: recency[i]!, age: age[i]!, wait: wait[i]! };
      return aheadWithEarlier(prior, earlier, own, horizonOnClock(prior, customers.age[i]!, horizonDays, asOf));
    };
  }
  const timesOf = timesOnBoth(timed, prior.timeUnitDays);
  // The costly part depends on (x, T) alone, and many customers share those.
  const { groupOf, firstRow } = groupRows([frequency, customers.age]);
  const groups = Array.from(firstRow, (row) => {
    const customer = { frequency: frequency[row]!, age: customers.age[row]! };
    return ifAlive(prior, customer, timesOf(row), { horizonDays, asOf });
  });
  return (i) => {
    const firstDay = firstDayOf(customers.age[i]!, asOf);
    return ahead(prior, groups[groupOf[i]!]!, frequency[i]!, timesOf(i), firstDay);
  };
}

/** By years. @returns of each row */
function yearlyAhead(
  parameters: YearlyParameters,
  newcomers: Newcomers | undefined,
  { frequency, recency, age }: RfmColumns,
  { horizonDays, asOf }: Period,
): (row: number) => PurchasesAhead {
  const { groupOf, firstRow } = groupRows([frequency, recency, age]);
  const groups = Array.from(firstRow, (row) => {
    const customer = { frequency: frequency[row]!, recency: recency[row]!, age: age[row]! };
    return predictYearly(parameters, customer, horizonDays, asOf, shareOf(newcomers, firstDayOf(customer.age, asOf)));
  });
  return (i) => groups[groupOf[i]!]!;
}

function combine(
  prior: BtydPrior,
  purchases: PurchasesAhead,
  { frequency, monetary, firstValue }: Pick<RfmSummary, 'frequency' | 'monetary' | 'firstValue'>,
): PriorPrediction {
  const { aliveProbability, expectedPurchases } = purchases;
  const purchaseProbability = Math.min(purchases.purchaseProbability, 1 - minProbability);
  const orderValue = expectedOrderValue(prior, frequency, monetary, firstValue);
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

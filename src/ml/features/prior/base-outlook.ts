import { dayMs } from '../../../days.js';
import type { SalesOfDay } from '../recent-sales.js';
import { carriedValue } from './carry-on.js';
import { priceAhead, riseSince } from './order-values/prices.js';
import type { BtydPrior } from './fit-prior.js';
import { predictPriorBatch } from './predict-prior.js';
import type { RfmColumns } from './rfm-summary.js';
import { horizonOnClock } from './clock/purchase-clock.js';
import { shopAge, shopHorizon } from './clock/shop-clock.js';

/** What the same customers spent in the last `days` days, in prices of the next as many, and what their prior expects of these. In currency. */
export interface OutlookPoint {
  readonly days: number;
  /** After their first purchases, as if all had been customers for so long: newcomers could not spend before they came. */
  readonly spent: number;
  readonly expected: number;
  /** What `days` days would bring at the highest of the paces of the last `paceSpans` and of the last `days` days. */
  readonly paced: number;
}

/** In days: from four weeks, which are long enough not to be chance, to a year, which has every season. */
const paceSpans = [28, 56, 112, 224, 365];

/**
 * @param learntDays the longest horizon that is learnt from, one of the points; the others are a third, as the shortest
 *   windows, and half of it, and double it, up to the first that is not below `longestDays`
 */
export function baseOutlook(
  prior: BtydPrior,
  customers: RfmColumns,
  sales: readonly SalesOfDay[],
  { asOf, learntDays, longestDays }: { readonly asOf: Date; readonly learntDays: number; readonly longestDays: number },
): OutlookPoint[] {
  const known = new Map<number, Float64Array>();
  const valuesOver = (days: number): Float64Array => {
    const values = known.get(days) ?? predictPriorBatch(prior, customers, days, asOf).expectedValue;
    known.set(days, values);
    return values;
  };
  const expected = (horizonDays: number): number =>
    customers.age.reduce((total, age, i) => {
      const length = (days: number) => horizonOnClock(prior, age, days, asOf);
      return total + carriedValue(prior, (days) => valuesOver(days)[i]!, length, { horizonDays, learntDays });
    }, 0);
  const inTodaysPrices = sales.map(({ daysAgo, net, repeatNet }) => {
    const rise = riseSince(prior.prices, daysAgo, asOf);
    return { daysAgo, net: net * rise, repeatNet: repeatNet * rise };
  });
  const point = (days: number): OutlookPoint => {
    const price = priceAhead(prior.prices, days, asOf);
    return {
      days,
      spent: price * spentAsCustomers(prior, customers, inTodaysPrices, { asOf, days }),
      expected: expected(days),
      paced: price * pacedValue(prior, inTodaysPrices, days, asOf),
    };
  };
  const parts = [3, 2, 1].map((part) => Math.max(1, Math.floor(learntDays / part)));
  const points = [...new Set(parts)].map(point);
  while (points.at(-1)!.days < longestDays) points.push(point(2 * points.at(-1)!.days));
  return points;
}

/**
 * `OutlookPoint.spent`: repeat spend per day as a customer, times all customers and `days`. First purchases do not count, since these
 * customers make none in the days ahead; they do where customers had come before history, whose first purchases are not known. Spend is
 * rescaled from the season of the past days to that of the days ahead.
 */
function spentAsCustomers(
  prior: BtydPrior,
  { age }: RfmColumns,
  sales: readonly SalesOfDay[],
  { asOf, days }: { readonly asOf: Date; readonly days: number },
): number {
  if (prior.earlier) return spentBefore(prior, sales, days, asOf);
  const there = age.reduce((total, since) => total + shopAge(prior, Math.min(since, days), asOf), 0);
  const spent = spentSince(sales, days, ({ repeatNet }) => repeatNet);
  return there > 0 ? (spent * age.length * shopHorizon(prior, asOf, days)) / there : 0;
}

function pacedValue(prior: BtydPrior, sales: readonly SalesOfDay[], days: number, asOf: Date): number {
  const spans = days > paceSpans[0]! ? [...paceSpans, days] : paceSpans;
  const length = (span: number) => shopHorizon(prior, asOf, span);
  return Math.max(...spans.map((span) => spentBefore(prior, sales, span, asOf) / length(span))) * length(days);
}

/** What was spent in the last `days` days: a shorter history in proportion, rescaled to the season of the days ahead. */
function spentBefore(prior: BtydPrior, sales: readonly SalesOfDay[], days: number, asOf: Date): number {
  const observed = Math.min(
    sales.reduce((longest, { daysAgo }) => Math.max(longest, daysAgo), 0),
    days,
  );
  if (observed === 0) return 0;
  const begin = new Date(asOf.getTime() - observed * dayMs);
  const spent = spentSince(sales, observed, ({ net }) => net);
  return (spent * shopHorizon(prior, asOf, days)) / shopHorizon(prior, begin, observed);
}

const spentSince = (sales: readonly SalesOfDay[], days: number, amountOf: (day: SalesOfDay) => number): number =>
  sales.reduce((sum, day) => sum + (day.daysAgo <= days ? amountOf(day) : 0), 0);

import { dayMs, monthsInYear } from '../../../../days.js';
import type { RepeatPurchases } from '../../repeat-purchases.js';
import { expectedPurchasesIfAlive, type PurchaseParameters } from '../purchases/purchase-model.js';
import { type EarlierCustomers, waitOf } from '../earlier-customers/earlier-customers.js';
import { weekDays } from '../purchases/fit-purchases.js';
import { aheadWithEarlier } from '../earlier-customers/predict-earlier.js';
import { type ShopClock, shopTime } from './shop-clock.js';

/** So many values of the model's series take hardly any time; if more are needed, they are looked up in a table. */
const mostExact = 20_000;
const tablePoints = 400;

interface CalendarMonth {
  readonly year: number;
  /** 0 for January. */
  readonly month: number;
  /** In days since 1970-01-01. */
  readonly end: number;
}

/**
 * Months in UTC from that of the day `first` to the last one that was over by `now`: the first days of a month, such as a public
 * holiday or the last ones before Christmas, are not as the whole month, and would count as one that the years disagree on.
 */
export function wholeMonths(first: number, now: number): CalendarMonth[] {
  const months: CalendarMonth[] = [];
  const start = new Date(first * dayMs);
  for (let i = 0; ; i++) {
    const place = start.getUTCMonth() + i;
    const end = Date.UTC(start.getUTCFullYear(), place + 1, 1) / dayMs;
    if (end > now) return months;
    months.push({
      year: start.getUTCFullYear() + Math.floor(place / monthsInYear),
      month: place % monthsInYear,
      end,
    });
  }
}

/** Repeat purchases by month of UTC: the key is twelve times the year plus the month, 0 for January. */
export function purchasesByMonth(repeats: readonly RepeatPurchases[]): Map<number, number> {
  const months = new Map<number, number>();
  for (const { day, count } of repeats) {
    const date = new Date(day * dayMs);
    const month = monthsInYear * date.getUTCFullYear() + date.getUTCMonth();
    months.set(month, (months.get(month) ?? 0) + count);
  }
  return months;
}

/**
 * Expected repeat purchases of all customers in each calendar month, from their first day on; those who came before `begin` (strays)
 * count from then on.
 * @param cohorts customers by first day
 */
export function expectedByMonth(
  shop: ShopClock,
  parameters: PurchaseParameters,
  cohorts: ReadonlyMap<number, number>,
  { begin, months }: { readonly begin: number; readonly months: readonly CalendarMonth[] },
): number[] {
  const totals = months.map(() => 0);
  const clocks = months.map(({ end }) => shopTime(shop, end));
  const began = shopTime(shop, begin);
  const starts = [...cohorts].map(([first, count]) => ({ first, started: shopTime(shop, first), count }));
  const longest = starts.reduce((most, { started }) => Math.max(most, clocks.at(-1)! - started), 0);
  const { earlier } = parameters;
  const expected = earlier
    ? expectationOfSeen(shop, parameters, earlier)
    : expectation(parameters, longest, starts.length * months.length);
  for (const { first, started, count } of starts) {
    let before = started < began ? expected(began - started, first) : 0;
    clocks.forEach((end, i) => {
      if (end <= started) return;
      const until = expected(end - started, first);
      totals[i]! += count * (until - before);
      before = until;
    });
  }
  return totals;
}

/** The same as `expectation` for a customer who may have bought before history begins, by the time since the first purchase in it. */
function expectationOfSeen(shop: ShopClock, parameters: PurchaseParameters, earlier: EarlierCustomers) {
  const prior = { ...parameters, timeUnitDays: weekDays };
  return (since: number, firstDay: number): number => {
    const wait = waitOf(shop, earlier, firstDay);
    return aheadWithEarlier(prior, earlier, { frequency: 0, recency: 0, age: 0, wait }, since).expectedPurchases;
  };
}

/**
 * Expected repeat purchases of a new customer, as a function of the days of shop time since the first purchase.
 * @param longest in days, that it will be asked for
 * @param times how often it will be asked
 */
function expectation(parameters: PurchaseParameters, longest: number, times: number): (since: number) => number {
  const exact = (since: number) => expectedPurchasesIfAlive(parameters, 0, { age: 0, t: since / weekDays, slow: 0 });
  if (times <= mostExact) return exact;
  // Even in the logarithm of alpha + t, in which the expectation bends little.
  const alpha = parameters.alpha * weekDays;
  const step = Math.log1p(longest / alpha) / tablePoints;
  const table = Array.from({ length: tablePoints + 1 }, (_, i) => exact(alpha * Math.expm1(i * step)));
  return (since) => {
    const position = Math.log1p(since / alpha) / step;
    const i = Math.min(Math.floor(position), tablePoints - 1);
    return table[i]! + (position - i) * (table[i + 1]! - table[i]!);
  };
}

import { dayNumber, wholeYearDays } from '../../../../days.js';
import { sum } from '../../../../math.js';
import type { RepeatPurchases } from '../../repeat-purchases.js';
import { arrivalsByDay } from './purchase-clock.js';
import type { RfmColumns } from '../rfm-summary.js';

/**
 * Days on which nobody bought though many would have, from `from` up to `to` (since 1970-01-01, UTC): the shop was closed, or the
 * orders of these days were lost.
 */
export interface Closure {
  readonly from: number;
  readonly to: number;
}

/** Holidays are shorter. */
const leastDays = 21;
/** Longer ones are no accident. */
const mostDays = 120;
/** Days before and after, if any, the quieter of which say how many purchases are missing. */
const besideDays = 60;
const leastMissing = 30;
/** Where more of the days are in such gaps, that is how purchases are dated or billed, as on the first of each month. */
const mostOfHistory = 0.5;
/** If the same days of another year had this share of the purchases to expect, the shop was open then. */
const leastElsewhere = 0.25;

/**
 * Closures of the shop's history, up to the as-of date. Days that had next to no purchases in another year, too, are a season.
 * @param columns customers as of `asOf`, in calendar days
 * @param repeats their repeat purchases before it
 * @returns oldest first
 */
export function findClosures(columns: RfmColumns, repeats: readonly RepeatPurchases[], asOf: Date): Closure[] {
  const purchases = purchasesByDay(columns, repeats, asOf);
  const days = [...purchases.keys()].sort((a, b) => a - b);
  const [first, end] = [days[0] ?? 0, dayNumber(asOf)];
  const count = (from: number, to: number) => {
    let total = 0;
    for (let day = from; day < to; day++) total += purchases.get(day) ?? 0;
    return total;
  };
  const isQuiet = ({ from, to }: Span, daysAfter: number) => {
    const before = count(from - besideDays, from) / besideDays;
    const after = daysAfter > 0 ? count(to, to + daysAfter) / daysAfter : before;
    const expected = (to - from) * Math.min(before, after);
    return expected >= leastMissing && count(from, to) < leastElsewhere * expected;
  };
  const years = Math.ceil((end - first) / wholeYearDays);
  const otherYears = (closure: Closure) =>
    inOtherYears(closure, wholeYearDays, years).filter((same) => same.from > first && same.to < end);
  const gaps = days
    .map((day, i) => ({ from: day + 1, to: days[i + 1] ?? end }))
    .filter(({ from, to }) => to - from >= leastDays && to - from <= mostDays);
  if (sum(gaps.map(({ from, to }) => to - from)) > mostOfHistory * (end - first)) return [];
  return gaps.filter((gap) => {
    // The same days of other years are told by as many days after them as this gap.
    const daysAfter = Math.min(besideDays, end - gap.to);
    return isQuiet(gap, daysAfter) && !otherYears(gap).some((span) => isQuiet(span, daysAfter));
  });
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** The span in each of so many years before and after; `year` is a year's length in the unit of the span. */
export function inOtherYears({ from, to }: Span, year: number, years: number): Span[] {
  return Array.from({ length: years }, (_, i) => (i + 1) * year)
    .flatMap((shift) => [shift, -shift])
    .map((shift) => ({ from: from + shift, to: to + shift }));
}

function purchasesByDay(columns: RfmColumns, repeats: readonly RepeatPurchases[], asOf: Date): Map<number, number> {
  const purchases = arrivalsByDay(columns, asOf);
  for (const { day, count } of repeats) purchases.set(day, (purchases.get(day) ?? 0) + count);
  return purchases;
}

import { dayNumber, monthOf } from '../../../../days.js';
import { historyOf } from '../history.js';
import { arrivalsByDay } from './purchase-clock.js';
import type { SeenPurchases } from './seen-purchases.js';
import { type ShopClock, shopTime } from './shop-clock.js';

/** Days since the first purchase by which customers are alike. */
export const ageDays = 28;
/** Who is first seen in this part of history may have bought before it, so that nobody knows their age. */
export const firstPart = 1 / 4;
/** Customers from before so many days are left out: they tell little of today's shop. */
const mostDays = 4 * 365;

/** Days of one month, from `from` up to `to`, since 1970-01-01. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** 0 for January. */
  readonly month: number;
}

/** A group for spans, 1 for those in these days and 0 for the others. */
export const isWithin =
  ({ from, to }: Pick<Span, 'from' | 'to'>) =>
  (span: Span): number =>
    span.from >= from && span.from < to ? 1 : 0;

/** Customers of one age in one span. */
export interface Cell {
  /** In units of `ageDays`. */
  readonly age: number;
  /** Its index. */
  readonly span: number;
  /** Days of shop time that they had in it, summed over customers. */
  time: number;
  purchases: number;
}

export interface CellOptions {
  /** With customers of its first part, whose age nobody knows. */
  readonly wholeHistory?: boolean;
}

export interface CalendarCells {
  readonly spans: readonly Span[];
  readonly cells: readonly Cell[];
}

/**
 * Repeat purchases, and the time that customers had for them, by age and month.
 *
 * @param shop its clock as far as it is known, without a season
 * @param cuts days since 1970-01-01 at which months are cut in two
 */
export function calendarCells(
  shop: ShopClock,
  { columns, repeats, asOf }: SeenPurchases,
  cuts: readonly number[],
  { wholeHistory = false }: CellOptions = {},
): CalendarCells {
  const now = dayNumber(asOf);
  const leftOut = wholeHistory ? 0 : firstPart;
  const begin = Math.ceil(now - Math.min((1 - leftOut) * historyOf(columns), mostDays));
  const spans = spansBetween(begin, now, new Set(cuts));
  const spanOf = spans.flatMap(({ from, to }, span) => Array.from({ length: to - from }, () => span));
  const times = Float64Array.from({ length: now - begin + 1 }, (_, i) => shopTime(shop, begin + i));
  const byAge: Cell[][] = spans.map(() => []);
  const cellOf = (firstDay: number, day: number): Cell => {
    const span = spanOf[day - begin]!;
    const age = Math.floor((day - firstDay) / ageDays);
    return (byAge[span]![age] ??= { age, span, time: 0, purchases: 0 });
  };
  for (const [firstDay, customers] of arrivalsByDay(columns, asOf)) {
    if (firstDay < begin) continue;
    for (let from = firstDay; from < now;) {
      const cell = cellOf(firstDay, from);
      const to = Math.min(spans[cell.span]!.to, firstDay + ageDays * (cell.age + 1));
      cell.time += customers * (times[to - begin]! - times[from - begin]!);
      from = to;
    }
  }
  for (const { firstDay, day, count } of repeats)
    if (firstDay >= begin && day < now) cellOf(firstDay, day).purchases += count;
  return { spans, cells: byAge.flatMap((cells) => Object.values(cells)) };
}

/** Months, and parts of them. */
function spansBetween(begin: number, end: number, cuts: ReadonlySet<number>): Span[] {
  const spans: Span[] = [];
  let from = begin;
  for (let day = begin + 1; day <= end; day++) {
    if (day < end && !cuts.has(day) && monthOf(day) === monthOf(from)) continue;
    spans.push({ from, to: day, month: monthOf(from) });
    from = day;
  }
  return spans;
}

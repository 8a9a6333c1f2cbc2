import { dayMs, monthsInYear } from '../../../days.js';
import { sum } from '../../../math.js';

/** On it every year has the length 1, and passes as its purchases do. */
export interface YearlyClock {
  /** Share of a year's purchases in each month, January first; 1 in all. */
  readonly months: readonly number[];
  /** Of the month with which a year begins; 0 for January. With half-years, that of the first one; July for the last. */
  readonly firstMonth: number;
  /** Where customers buy once in half a year or not: all that is said of years is of half-years. */
  readonly halfYears?: true;
}

const monthsInHalf = monthsInYear / 2;

/**
 * Months and years are those of the calendar, in UTC: who gives on the last of December gives in the old year.
 * @returns years since one began, of an instant given in days since 1970-01-01; whole numbers where years begin
 */
export function yearsAt(clock: YearlyClock, day: number): number {
  const { months, firstMonth } = clock;
  const date = new Date(day * dayMs);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const [begin, end] = [month, month + 1].map((at) => Date.UTC(year, at, 1) / dayMs);
  const ofMonth = (months[month]! * (day - begin!)) / (end! - begin!);
  if (!clock.halfYears) return year + (before(months, month) - before(months, firstMonth) + ofMonth);
  const half = Math.floor((month - firstMonth) / monthsInHalf);
  const passed = sum(monthsOfHalf(clock, half).slice(0, month - firstMonth - half * monthsInHalf)) + ofMonth;
  return 2 * year + half + passed / shareOfHalf(clock, half);
}

/** Of a year's purchases, in the half-years of that number's parity; even ones begin with the first month. */
export function shareOfHalf(clock: YearlyClock, half: number): number {
  return sum(monthsOfHalf(clock, half));
}

function monthsOfHalf({ months, firstMonth }: YearlyClock, half: number): number[] {
  const first = firstMonth + (half % 2 === 0 ? 0 : monthsInHalf);
  return Array.from({ length: monthsInHalf }, (_, i) => months[(first + i) % monthsInYear]!);
}

/** Of a day since 1970-01-01; 0 for January. */
export function monthOf(day: number): number {
  return new Date(day * dayMs).getUTCMonth();
}

function before(months: readonly number[], month: number): number {
  let sum = 0;
  for (let i = 0; i < month; i++) sum += months[i]!;
  return sum;
}

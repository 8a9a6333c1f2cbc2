import { dayMs } from '../../../../days.js';
import { clamp } from '../../../../math.js';
import type { YearlyDate } from './date-of-gifts.js';

/** On it every year has the length 1, and passes as its purchases do. */
export interface YearlyClock {
  /** Share of a year's purchases in each month, January first; 1 in all. */
  readonly months: readonly number[];
  /** Of the month with which a year begins; 0 for January. */
  readonly firstMonth: number;
  /** The date that nearly all purchases bear: its month passes on this day alone. Absent where there is none. */
  readonly date?: YearlyDate;
}

/**
 * Months and years are those of the calendar, in UTC: who gives on the last of December gives in the old year.
 * @returns years since one began, of an instant given in days since 1970-01-01; whole numbers where years begin
 */
export function yearsAt({ months, firstMonth, date: ofGifts }: YearlyClock, day: number): number {
  const date = new Date(day * dayMs);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const [begin, end] = [month, month + 1].map((at) => Date.UTC(year, at, 1) / dayMs);
  const ofMonth =
    month === ofGifts?.month ? clamp(day - begin! - (ofGifts.day - 1), 0, 1) : (day - begin!) / (end! - begin!);
  return year + before(months, month) - before(months, firstMonth) + months[month]! * ofMonth;
}

function before(months: readonly number[], month: number): number {
  let sum = 0;
  for (let i = 0; i < month; i++) sum += months[i]!;
  return sum;
}

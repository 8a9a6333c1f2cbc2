import { monthsInYear, yearDays } from '../../../days.js';

/** On it every year has the length 1, and passes as its purchases do. */
export interface YearlyClock {
  /** Share of a year's purchases in each twelfth of the calendar's year, that of January first; 1 in all. */
  readonly months: readonly number[];
  /** Of the month with which a year begins; 0 for January. */
  readonly firstMonth: number;
}

/** @returns years since one began, of an instant given in days since 1970-01-01; whole numbers where years begin */
export function yearsAt({ months, firstMonth }: YearlyClock, day: number): number {
  const year = Math.floor(day / yearDays);
  const position = (day / yearDays - year) * monthsInYear;
  const month = Math.min(Math.floor(position), monthsInYear - 1);
  return year + before(months, month) + months[month]! * (position - month) - before(months, firstMonth);
}

/** Which of the twelve parts of the calendar's year a day is in. */
export function monthOf(day: number): number {
  return Math.floor((day / yearDays - Math.floor(day / yearDays)) * monthsInYear);
}

function before(months: readonly number[], month: number): number {
  let sum = 0;
  for (let i = 0; i < month; i++) sum += months[i]!;
  return sum;
}

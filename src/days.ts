/** A day of UTC in milliseconds; JavaScript counts no leap seconds. */
export const dayMs = 86_400_000;
/** Mean length of a year of the calendar, in days. */
export const yearDays = 365.2425;
/** A year in whole days: so many days ago is the same date of the year before, give or take a leap day. */
export const wholeYearDays = 365;
export const monthsInYear = 12;

/** The UTC day of an instant, in days since 1970-01-01. */
export function dayNumber(instant: Date): number {
  return Math.floor(instant.getTime() / dayMs);
}

/** The month of a UTC day, given in days since 1970-01-01; 0 for January. */
export function monthOf(day: number): number {
  return new Date(day * dayMs).getUTCMonth();
}

/** @param month 0 for January; -1 is the December before */
export function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
}

/** The UTC midnight of an instant's day. */
export function startOfDay(instant: Date): Date {
  return new Date(dayNumber(instant) * dayMs);
}

/** The latest as-of date, which is tomorrow. As of a later one, what has not happened yet would count as not bought. */
export function latestAsOf(): Date {
  return startOfDay(new Date(Date.now() + dayMs));
}

/** The UTC day of an instant, as `2026-01-31`. */
export function dayOf(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}

/** The UTC midnight of a day such as `2026-01-31`. */
export function midnightOf(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}

/** Whether a text is a day that exists, as `2026-01-31` is and `2026-02-31` is not. */
export function isDay(text: string): boolean {
  const date = midnightOf(text);
  // `new Date` takes the 31st of February for the third of March.
  return !Number.isNaN(date.getTime()) && dayOf(date) === text;
}

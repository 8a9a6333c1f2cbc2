import { dayNumber, monthOf, monthsInYear, yearDays } from '../../../../days.js';
import { sum, upperMedian } from '../../../../math.js';
import type { RepeatPurchases } from '../../repeat-purchases.js';
import { dateOfGifts } from './date-of-gifts.js';
import { fitYearly, type YearlyFit } from './fit-yearly.js';
import { historyOf } from '../history.js';
import type { RfmColumns } from '../rfm-summary.js';
import { type YearlyClock, yearsAt } from './yearly-clock.js';
import { leastOpen } from './yearly-courses.js';
import { yearlyHistory } from './yearly-history.js';

/** In a shorter history hardly anybody was seen for a whole year after the year of the first purchase. */
const leastHistoryDays = 730;
/**
 * Repeat purchases a year of the median customer who has any. Of customers who buy more often the time since the last purchase tells
 * whether they have left, which a model of years does not read; after a closure it may be likelier all the same.
 */
const mostInYear = 6;

/**
 * When years begin for customers who buy once a year or not at all, and the BG/BB model of these years.
 * @param columns customers as of `asOf`, in calendar days
 * @param repeats their repeat purchases before it
 * @returns null where history is too short to tell
 */
export function learnYears(columns: RfmColumns, repeats: readonly RepeatPurchases[], asOf: Date): YearlyFit | null {
  if (historyOf(columns) < leastHistoryDays || repeats.length === 0 || usuallyInYear(columns) > mostInYear) return null;
  const months = sharesOfMonths(repeats, historyOf(columns), asOf);
  const date = dateOfGifts(repeats);
  const years = { months, firstMonth: firstMonthOf(months, columns, asOf), ...(date && { date }) };
  const fit = fitYearly(years, columns, asOf);
  return { ...fit, logLikelihood: byTime(fit, columns, asOf) };
}

function usuallyInYear({ frequency, recency }: RfmColumns): number {
  const inYear = frequency.map((repeats, i) => repeats / (Math.floor(recency[i]! / yearDays) + 1));
  return upperMedian(inYear.filter((often) => often > 0));
}

/**
 * The log-likelihood with the time of the last purchase, in years, in place of its year alone. Within a year purchases are uniformly
 * distributed on the yearly clock; of the present year only a part has passed.
 */
function byTime({ parameters, logLikelihood }: YearlyFit, columns: RfmColumns, asOf: Date): number {
  const { frequency, recency, age } = columns;
  return frequency.reduce((total, repeats, i) => {
    const customer = { frequency: repeats, recency: recency[i]!, age: age[i]! };
    const { last, present, passed } = yearlyHistory(parameters, customer, asOf);
    return repeats > 0 && last > 0 && last === present ? total - Math.log(Math.max(passed, leastOpen)) : total;
  }, logLikelihood);
}

/**
 * The first month of years, such that the fewest customers bought more than once in a year. Among months that differ by chance only, the
 * one is taken that puts the busy months last: a year that begins with them would expect those who bought nothing in them to do so in
 * its rest.
 */
function firstMonthOf(months: readonly number[], columns: RfmColumns, asOf: Date): number {
  const often = months.map((_, firstMonth) => oftenerThanYears({ months, firstMonth }, columns, asOf));
  const fewest = Math.min(...often);
  const latest = (firstMonth: number) =>
    months.reduce((sum, share, month) => sum + share * ((month - firstMonth + monthsInYear) % monthsInYear), 0);
  const likely = [...months.keys()].filter((month) => often[month]! <= fewest + 2 * Math.sqrt(fewest + 1));
  return likely.reduce((best, month) => (latest(month) > latest(best) ? month : best));
}

/** Customers who made more purchases than there are years from the first to the last one. */
function oftenerThanYears(years: YearlyClock, { frequency, recency, age }: RfmColumns, asOf: Date): number {
  const now = dayNumber(asOf);
  const yearOf = (day: number) => Math.floor(yearsAt(years, day));
  return frequency.reduce((count, repeats, i) => {
    const first = now - age[i]!;
    return repeats > yearOf(first + recency[i]!) - yearOf(first) ? count + 1 : count;
  }, 0);
}

/**
 * `YearlyClock.months`, from the whole years before now without the first year of history, in which repeat purchases are still few. One
 * purchase is added to each month.
 */
function sharesOfMonths(repeats: readonly RepeatPurchases[], history: number, asOf: Date): number[] {
  const years = Math.max(Math.floor(history / yearDays) - 1, 1);
  const since = dayNumber(asOf) - years * yearDays;
  const purchases = Array.from({ length: monthsInYear }, () => 1);
  for (const { day, count } of repeats) if (day >= since) purchases[monthOf(day)]! += count;
  const total = sum(purchases);
  return purchases.map((count) => count / total);
}

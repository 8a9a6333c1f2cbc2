import { dayNumber, monthsInYear, yearDays } from '../../../days.js';
import { sum } from '../../../math.js';
import type { RepeatPurchases } from '../repeat-purchases.js';
import { fitYearly, type YearlyFit } from './fit-yearly.js';
import { historyOf } from './history.js';
import { areHalfYears, byTime } from './learn-half-years.js';
import type { RfmColumns } from './rfm-summary.js';
import { monthOf, type YearlyClock, yearsAt } from './yearly-clock.js';

/** In less, hardly anybody was seen in a whole year after that of the first purchase. */
const leastHistoryDays = 730;

/**
 * The years, or half-years, on which customers buy once or not, and the model of them.
 * @param columns customers as of `asOf`, in calendar days
 * @param repeats their repeat purchases before it
 * @returns null where history is too short to tell
 */
export function learnYears(columns: RfmColumns, repeats: readonly RepeatPurchases[], asOf: Date): YearlyFit | null {
  if (historyOf(columns) < leastHistoryDays || repeats.length === 0) return null;
  const months = sharesOfMonths(repeats, historyOf(columns), asOf);
  const firstMonths = [...months.keys()];
  const years = firstOf(
    firstMonths.map((firstMonth) => ({ months, firstMonth })),
    columns,
    asOf,
  );
  const halves = firstOf(
    firstMonths.slice(0, monthsInYear / 2).map((firstMonth) => ({ months, firstMonth, halfYears: true })),
    columns,
    asOf,
  );
  const fit = fitYearly(areHalfYears(halves, years, columns, asOf) ? halves : years, columns, asOf);
  return { ...fit, logLikelihood: byTime(fit, columns, asOf) };
}

/**
 * The month with which years begin so that the fewest customers bought more often than once in each. Where chance alone tells
 * months apart, the year has its busy months last: one that begins with them would expect whoever has bought nothing in them
 * to do so in the rest of it.
 */
function firstOf(years: readonly YearlyClock[], columns: RfmColumns, asOf: Date): YearlyClock {
  const often = years.map((each) => oftenerThanYears(each, columns, asOf));
  const fewest = Math.min(...often);
  const latest = ({ months, firstMonth }: YearlyClock) =>
    months.reduce((total, share, month) => total + share * ((month - firstMonth + monthsInYear) % years.length), 0);
  const likely = years.filter((_, i) => often[i]! <= fewest + 2 * Math.sqrt(fewest + 1));
  return likely.reduce((best, each) => (latest(each) > latest(best) ? each : best));
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
 * Of the whole years before now that come after the first year of history, in which repeat purchases are still few. Each month has
 * one purchase beforehand.
 */
function sharesOfMonths(repeats: readonly RepeatPurchases[], history: number, asOf: Date): number[] {
  const years = Math.max(Math.floor(history / yearDays) - 1, 1);
  const since = dayNumber(asOf) - years * yearDays;
  const purchases = Array.from({ length: monthsInYear }, () => 1);
  for (const { day, count } of repeats) if (day >= since) purchases[monthOf(day)]! += count;
  const total = sum(purchases);
  return purchases.map((count) => count / total);
}

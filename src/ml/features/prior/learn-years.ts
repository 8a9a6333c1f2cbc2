import { dayMs, monthsInYear, yearDays } from '../../../days.js';
import type { RepeatPurchases } from '../repeat-purchases.js';
import { fitYearly, type YearlyFit } from './fit-yearly.js';
import { historyOf } from './learn-sales-season.js';
import type { RfmColumns } from './rfm-summary.js';
import { monthOf } from './yearly-clock.js';
import { noon } from './yearly-history.js';

/** In less, hardly anybody was seen in a whole year after that of the first purchase. */
const leastHistoryDays = 730;
/** Customers on which the months with which a year may begin compete. */
const mostCompeting = 1_000;

/**
 * The years under which the purchases are likeliest, where each customer may buy once in each or not.
 * @param columns customers as of `asOf`, in calendar days
 * @param repeats their repeat purchases before it
 * @returns null where history is too short to tell
 */
export function learnYears(columns: RfmColumns, repeats: readonly RepeatPurchases[], asOf: Date): YearlyFit | null {
  if (historyOf(columns) < leastHistoryDays || repeats.length === 0) return null;
  const months = sharesOfMonths(repeats, historyOf(columns), asOf);
  const competing = thin(columns);
  let best = { firstMonth: 0, logLikelihood: -Infinity };
  for (let firstMonth = 0; firstMonth < monthsInYear; firstMonth++) {
    const { logLikelihood } = fitYearly({ months, firstMonth }, competing, asOf);
    if (logLikelihood > best.logLikelihood) best = { firstMonth, logLikelihood };
  }
  return fitYearly({ months, firstMonth: best.firstMonth }, columns, asOf);
}

/**
 * Of the whole years before now that come after the first year of history, in which repeat purchases are still few. Each month has
 * one purchase beforehand.
 */
function sharesOfMonths(repeats: readonly RepeatPurchases[], history: number, asOf: Date): number[] {
  const years = Math.max(Math.floor(history / yearDays) - 1, 1);
  const since = asOf.getTime() / dayMs - years * yearDays;
  const purchases = Array.from({ length: monthsInYear }, () => 1);
  for (const { day, count } of repeats) if (day >= since) purchases[monthOf(day + noon)]! += count;
  const total = purchases.reduce((sum, count) => sum + count, 0);
  return purchases.map((count) => count / total);
}

function thin({ frequency, recency, age, monetary, firstValue }: RfmColumns): RfmColumns {
  const stride = Math.ceil(age.length / mostCompeting);
  const every = (column: Float64Array) => column.filter((_, i) => i % stride === 0);
  return {
    frequency: every(frequency),
    recency: every(recency),
    age: every(age),
    monetary: every(monetary),
    firstValue: every(firstValue),
  };
}

import { dayMs } from '../../../days.js';
import type { RepeatPurchases } from '../repeat-purchases.js';
import { fitYearly, type YearlyFit } from './fit-yearly.js';
import { historyOf } from './learn-sales-season.js';
import type { RfmColumns } from './rfm-summary.js';
import { monthOf, YEAR_DAYS } from './yearly-clock.js';
import { noon } from './yearly-history.js';

/** In less, hardly anybody was seen in a whole year after that of the first purchase. */
const LEAST_HISTORY_DAYS = 730;
const MONTHS = 12;
/** Customers on which the months with which a year may begin compete. */
const MOST_COMPETING = 1_000;

/**
 * The years under which the purchases are likeliest, where each customer may buy once in each or not.
 * @param columns customers as of `asOf`, in calendar days
 * @param repeats their repeat purchases before it
 * @returns null where history is too short to tell
 */
export function learnYears(columns: RfmColumns, repeats: readonly RepeatPurchases[], asOf: Date): YearlyFit | null {
  if (historyOf(columns) < LEAST_HISTORY_DAYS || repeats.length === 0) return null;
  const months = sharesOfMonths(repeats, historyOf(columns), asOf);
  const competing = thin(columns);
  let best = { firstMonth: 0, logLikelihood: -Infinity };
  for (let firstMonth = 0; firstMonth < MONTHS; firstMonth++) {
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
  const years = Math.max(Math.floor(history / YEAR_DAYS) - 1, 1);
  const since = asOf.getTime() / dayMs - years * YEAR_DAYS;
  const purchases = Array.from({ length: MONTHS }, () => 1);
  for (const { day, count } of repeats) if (day >= since) purchases[monthOf(day + noon)]! += count;
  const total = purchases.reduce((sum, count) => sum + count, 0);
  return purchases.map((count) => count / total);
}

function thin({ frequency, recency, age, monetary, firstValue }: RfmColumns): RfmColumns {
  const stride = Math.ceil(age.length / MOST_COMPETING);
  const every = (column: Float64Array) => column.filter((_, i) => i % stride === 0);
  return {
    frequency: every(frequency),
    recency: every(recency),
    age: every(age),
    monetary: every(monetary),
    firstValue: every(firstValue),
  };
}

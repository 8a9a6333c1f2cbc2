import { dayMs } from '../../../../days.js';
import { sum } from '../../../../math.js';
import type { RepeatPurchases } from '../../repeat-purchases.js';

/** A date that comes once a year. */
export interface YearlyDate {
  /** 0 for January. */
  readonly month: number;
  /** 1 for the first of the month. */
  readonly day: number;
}

/** Part of the repeat purchases that must bear the date. */
const leastPart = 0.9;
/** Purchases of it that must come in a year for that year to count; in a single year it may be a sale. */
const leastInYear = 10;
const leastYears = 2;

/**
 * The date that nearly all repeat purchases bear, year after year: of such purchases only the year is known, or they are all made on a
 * day such as a charity's.
 * @returns null in other shops
 */
export function dateOfGifts(repeats: readonly RepeatPurchases[]): YearlyDate | null {
  const byDate = new Map<string, Map<number, number>>();
  let all = 0;
  for (const { day, count } of repeats) {
    const date = new Date(day * dayMs);
    const key = `${date.getUTCMonth()}-${date.getUTCDate()}`;
    const years = byDate.get(key) ?? new Map<number, number>();
    byDate.set(key, years.set(date.getUTCFullYear(), (years.get(date.getUTCFullYear()) ?? 0) + count));
    all += count;
  }
  for (const [key, byYear] of byDate) {
    const counts = [...byYear.values()];
    if (sum(counts) < leastPart * all) continue;
    if (counts.filter((count) => count >= leastInYear).length < leastYears) continue;
    const [month, day] = key.split('-').map(Number);
    return { month: month!, day: day! };
  }
  return null;
}

import { dayMs } from '../../../days.js';
import type { RepeatPurchases } from '../repeat-purchases.js';
import { toPurchaseRows } from './bg-nbd.js';
import { fitPurchases, WEEK_DAYS } from './fit-prior.js';
import { learnEarlyGain } from './learn-early-gain.js';
import { learnSalesSeason, type MonthOfPurchases } from './learn-sales-season.js';
import type { PurchaseClock } from './purchase-clock.js';
import type { RfmColumns } from './rfm-summary.js';
import { clock, columnsInSeasonalTime, type SalesSeason } from './sales-season.js';

/**
 * The season, where one can be told, and on its clock how much more often new customers buy.
 * @param columns customers as of `asOf`, in calendar days
 * @param repeats their repeat purchases before it
 */
export function learnPurchaseClock(
  columns: RfmColumns,
  repeats: readonly RepeatPurchases[],
  asOf: Date,
): PurchaseClock {
  const fit = (timed: RfmColumns) => fitPurchases(toPurchaseRows(timed, WEEK_DAYS), true);
  const season = learnSalesSeason(columns, byMonth(repeats), asOf, (timed) => ({
    ...fit(timed).parameters,
    timeUnitDays: WEEK_DAYS,
  }));
  const seasonal = season ? columnsInSeasonalTime(season, columns, asOf) : columns;
  const ages = {
    days: Float64Array.from(repeats, (purchases) => ageOf(purchases, season)),
    count: Float64Array.from(repeats, ({ count }) => count),
  };
  return { season, earlyGain: learnEarlyGain(seasonal, ages, (timed) => fit(timed).logLikelihood) };
}

function ageOf({ firstDay, day }: RepeatPurchases, season: SalesSeason | null): number {
  return season ? clock(season, day) - clock(season, firstDay) : day - firstDay;
}

function byMonth(repeats: readonly RepeatPurchases[]): MonthOfPurchases[] {
  const months = new Map<number, number>();
  for (const { day, count } of repeats) {
    const date = new Date(day * dayMs);
    const month = 12 * date.getUTCFullYear() + date.getUTCMonth();
    months.set(month, (months.get(month) ?? 0) + count);
  }
  return [...months].map(([month, repeatPurchases]) => ({
    year: Math.floor(month / 12),
    month: (month % 12) + 1,
    repeatPurchases,
  }));
}

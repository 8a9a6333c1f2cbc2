import { dayMs } from '../../../days.js';
import type { RepeatPurchases } from '../repeat-purchases.js';
import { toPurchaseRows } from './bg-nbd.js';
import { fitPurchases, weekDays } from './fit-prior.js';
import { learnEarlyGain } from './learn-early-gain.js';
import { learnPace } from './learn-pace.js';
import { learnSalesSeason, type MonthOfPurchases, tellsCalendar } from './learn-sales-season.js';
import type { PurchaseClock } from './purchase-clock.js';
import type { RfmColumns } from './rfm-summary.js';
import { columnsInShopTime, shopLength, type ShopClock } from './shop-clock.js';

/**
 * The season and the rise of pace, where history can tell them, and on their clock how much more often new customers buy.
 * @param columns customers as of `asOf`, in calendar days
 * @param repeats their repeat purchases before it
 */
export function learnPurchaseClock(
  columns: RfmColumns,
  repeats: readonly RepeatPurchases[],
  asOf: Date,
): PurchaseClock {
  const fit = (timed: RfmColumns) => fitPurchases(toPurchaseRows(timed, weekDays), true);
  const logLikelihood = (timed: RfmColumns) => fit(timed).logLikelihood;
  const shop = tellsCalendar(columns) ? learnShopClock(columns, repeats, asOf, fit) : { season: null, pace: null };
  const ages = {
    days: Float64Array.from(repeats, ({ firstDay, day }) => shopLength(shop, firstDay, day)),
    count: Float64Array.from(repeats, ({ count }) => count),
  };
  return { ...shop, earlyGain: learnEarlyGain(columnsInShopTime(shop, columns, asOf), ages, logLikelihood) };
}

function learnShopClock(
  columns: RfmColumns,
  repeats: readonly RepeatPurchases[],
  asOf: Date,
  fit: (timed: RfmColumns) => ReturnType<typeof fitPurchases>,
): ShopClock {
  const season = learnSalesSeason(columns, byMonth(repeats), asOf, (timed) => ({
    ...fit(timed).parameters,
    timeUnitDays: weekDays,
  }));
  return { season, pace: learnPace(columns, repeats, { season, asOf }, (timed) => fit(timed).logLikelihood) };
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

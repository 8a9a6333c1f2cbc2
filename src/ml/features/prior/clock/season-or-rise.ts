import { toPurchaseRows } from '../purchases/purchase-rows.js';
import { fitPurchases, weekDays } from '../purchases/fit-purchases.js';
import { learnPace } from './learn-pace.js';
import { columnsOnClock } from './purchase-clock.js';
import type { SeenPurchases } from './seen-purchases.js';
import { shopLength, type ShopClock } from './shop-clock.js';

/** In nats: a season has eleven factors more than a rise of pace has (Akaike's criterion). */
const leastGainOverRise = 11;

/**
 * Days before the as-of date at which the pace may have risen, if it seems to, beside a season or in place of one: every fortnight of the
 * last year and every fourth week of the one before. A season can follow any rise, so that one between days that are far apart would seem
 * less likely.
 */
export const closeRisesAgo: readonly number[] = [
  ...Array.from({ length: 22 }, (_, i) => 56 + 14 * i),
  ...Array.from({ length: 14 }, (_, i) => 364 + 28 * i),
];

/** BG/NBD on a shop's clock, and the customers' times on it. */
export function fitOnShopClock(shop: ShopClock, { columns, asOf, earlier }: SeenPurchases) {
  const timed = columnsOnClock({ ...shop, earlyGain: 0, ...(earlier && { earlier }) }, columns, asOf);
  return { timed, ...fitPurchases(toPurchaseRows(timed, weekDays), true, { leavesAtFirst: false, earlier }) };
}

/** Log-likelihood of the purchases by calendar day: for each of them the log of its day's length on the clock is added. */
export function logLikelihoodOnClock(shop: ShopClock, seen: SeenPurchases): number {
  return seen.repeats.reduce(
    (total, { day, count }) => total + count * Math.log(shopLength(shop, day, day + 1)),
    fitOnShopClock(shop, seen).logLikelihood,
  );
}

/**
 * @param seasonal the shop's clock with the season
 * @param calendar the same without it
 * @returns the rise of pace that explains the purchases as well as the season; null where none does
 */
export function riseInPlaceOf(seasonal: ShopClock, calendar: ShopClock, seen: SeenPurchases): ShopClock['pace'] {
  const pace = learnPace(calendar, seen, { daysAgo: closeRisesAgo });
  if (!pace) return null;
  const gain = logLikelihoodOnClock(seasonal, seen) - logLikelihoodOnClock({ ...calendar, pace }, seen);
  return gain < leastGainOverRise ? pace : null;
}

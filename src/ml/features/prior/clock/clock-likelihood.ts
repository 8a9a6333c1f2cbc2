import { toPurchaseRows } from '../purchases/purchase-rows.js';
import { fitPurchases, weekDays } from '../purchases/fit-purchases.js';
import { columnsOnClock } from './purchase-clock.js';
import type { SeenPurchases } from './seen-purchases.js';
import { shopLength, type ShopClock } from './shop-clock.js';

/** Number of parameters of each part of a clock: what it must gain in log-likelihood, in nats (Akaike's criterion). */
const parameters = { season: 11, pace: 2, surge: 3 };

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

/** By their log-likelihoods, in nats, less their number of parameters. */
export function likeliestFirst(clocks: readonly ShopClock[], seen: SeenPurchases) {
  const scored = clocks.map((shop) => {
    const { season, pace, surge } = shop;
    const free = (season ? parameters.season : 0) + (pace ? parameters.pace : 0) + (surge ? parameters.surge : 0);
    const logLikelihood = logLikelihoodOnClock(shop, seen);
    return { shop, logLikelihood, score: logLikelihood - free };
  });
  return scored.sort((a, b) => b.score - a.score);
}

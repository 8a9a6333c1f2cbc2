import { toPurchaseRows } from '../purchases/purchase-rows.js';
import { fitPurchases, weekDays } from '../purchases/fit-purchases.js';
import { columnsOnClock } from './purchase-clock.js';
import type { SeenPurchases } from './seen-purchases.js';
import { shopLength, type ShopClock } from './shop-clock.js';

/** Number of parameters of each part of a clock: what it must gain in log-likelihood, in nats (Akaike's criterion). */
const parameters = { season: 11, pace: 2, evenly: 1, surge: 3 };

/** BG/NBD on a shop's clock, and the customers' times on it. */
export function fitOnShopClock(shop: ShopClock, { columns, asOf, earlier }: SeenPurchases) {
  const timed = columnsOnClock({ ...shop, earlyGain: 0, ...(earlier && { earlier }) }, columns, asOf);
  return { timed, ...fitPurchases(toPurchaseRows(timed, weekDays), true, { leavesAtFirst: false, earlier }) };
}

/** Log-likelihood of the purchases by calendar day. */
export function logLikelihoodOnClock(shop: ShopClock, seen: SeenPurchases): number {
  return logShopSpeeds(shop, seen, fitOnShopClock(shop, seen).logLikelihood);
}

/** What a log-likelihood in shop time lacks of one by calendar day: for each purchase the log of its day's length, added to `total`. */
export function logShopSpeeds(shop: ShopClock, { repeats }: Pick<SeenPurchases, 'repeats'>, total = 0): number {
  return repeats.reduce((sum, { day, count }) => sum + count * Math.log(shopLength(shop, day, day + 1)), total);
}

export const parametersOf = ({ season, pace, surge }: ShopClock): number =>
  (season ? parameters.season : 0) +
  (pace ? parameters.pace : 0) +
  (pace?.until !== undefined ? parameters.evenly : 0) +
  (surge ? parameters.surge : 0);

/** By their log-likelihoods, in nats, less their number of parameters. */
export function likeliestFirst(clocks: readonly ShopClock[], seen: SeenPurchases) {
  const scored = clocks.map((shop) => {
    const logLikelihood = logLikelihoodOnClock(shop, seen);
    return { shop, logLikelihood, score: logLikelihood - parametersOf(shop) };
  });
  return scored.sort((a, b) => b.score - a.score);
}

import { bestLogLikelihood } from '../purchases/fit-purchases.js';
import type { SeenPurchases } from './seen-purchases.js';
import { columnsInShopTime, shopLength, type ShopClock } from './shop-clock.js';
import { columnsInTenureTime, type Fading, logTenureSpeed, type TenureClock } from './tenure-clock.js';

/** Steps of a factor of 1.4 at most: predictions between two of them hardly differ. */
const gains = [0.18, 0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8];
/** Log-likelihood, in nats, that a gain or a fading must bring. What the purchases of a few customers bring by chance is no rule. */
export const leastRise = 10;

/**
 * The early gain of `tenureTime` with the highest likelihood: gains are tried from small to large, until the likelihood falls.
 *
 * @param shop the clock on which the purchases are then measured
 * @param fading of the customers' pace, where it fades
 * @returns 0 where no gain raises the likelihood beyond chance
 */
export function learnEarlyGain(shop: ShopClock, seen: SeenPurchases, fading?: Fading): number {
  const timed = columnsInShopTime(shop, seen.columns, seen.asOf);
  const speedOf = tenureSpeeds(shop, seen);
  const likelihood = (tenure: TenureClock) => bestLogLikelihood(columnsInTenureTime(tenure, timed)) + speedOf(tenure);
  const clockOf = (earlyGain: number): TenureClock => ({ earlyGain, ...(fading && { fading }) });
  const plain = likelihood(clockOf(0));
  let best = { gain: 0, logLikelihood: plain };
  for (const gain of gains) {
    const reached = likelihood(clockOf(gain));
    if (reached < best.logLikelihood) break;
    best = { gain, logLikelihood: reached };
  }
  return best.logLikelihood - plain >= leastRise ? best.gain : 0;
}

/**
 * Each tenure clock measures times differently. To compare them as densities by calendar day, the log of the clock's speed is added
 * for each purchase.
 * @returns the sum of those logs
 */
export function tenureSpeeds(shop: ShopClock, { repeats }: SeenPurchases): (tenure: TenureClock) => number {
  const ages = repeats.map(({ firstDay, day }) => shopLength(shop, firstDay, day));
  return (tenure) => repeats.reduce((sum, { count }, i) => sum + count * logTenureSpeed(tenure, ages[i]!), 0);
}

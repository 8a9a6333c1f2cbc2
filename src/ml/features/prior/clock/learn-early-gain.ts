import { bestLogLikelihood } from '../purchases/fit-purchases.js';
import type { SeenPurchases } from './seen-purchases.js';
import { columnsInShopTime, shopLength, type ShopClock } from './shop-clock.js';
import { columnsInTenureTime, logTenureSpeed } from './tenure-clock.js';

/** Steps of a factor of 1.4 at most: predictions between two of them hardly differ. */
const gains = [0.18, 0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8];
/** In nats. What the purchases of a few customers may bring by chance is no rule. */
const leastRise = 10;

/**
 * The early gain of `tenureTime` with the highest likelihood: gains are tried from small to large, until the likelihood falls. Each
 * gain measures times on another clock. To compare them as densities by calendar day, the log of the clock's speed is added for each
 * purchase.
 *
 * @param shop the clock on which the purchases are then measured
 * @returns 0 where no gain raises the likelihood beyond chance
 */
export function learnEarlyGain(shop: ShopClock, { columns, repeats, asOf }: SeenPurchases): number {
  const timed = columnsInShopTime(shop, columns, asOf);
  const ages = repeats.map(({ firstDay, day }) => shopLength(shop, firstDay, day));
  const plain = bestLogLikelihood(timed);
  let best = { gain: 0, logLikelihood: plain };
  for (const gain of gains) {
    const speed = repeats.reduce((sum, { count }, i) => sum + count * logTenureSpeed(gain, ages[i]!), 0);
    const reached = bestLogLikelihood(columnsInTenureTime(gain, timed)) + speed;
    if (reached < best.logLikelihood) break;
    best = { gain, logLikelihood: reached };
  }
  return best.logLikelihood - plain >= leastRise ? best.gain : 0;
}

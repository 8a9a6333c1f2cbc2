import { dateOfGifts } from '../yearly/date-of-gifts.js';
import { findClosures } from './closures.js';
import { learnEarlyGain } from './learn-early-gain.js';
import { learnFirstClock } from './learn-first-clock.js';
import { tellsCalendar, tellsSeason } from '../history.js';
import { learnSeasonAndRise } from './learn-season-and-rise.js';
import type { PurchaseClock } from './purchase-clock.js';
import type { SeenPurchases } from './seen-purchases.js';
import type { ShopClock } from './shop-clock.js';

/**
 * Closures, season, rise of pace and surge, as far as history can tell them; then, on the clock of all these, the early gain: how much
 * more often customers buy right after their first purchase.
 */
export function learnPurchaseClock(seen: SeenPurchases): PurchaseClock {
  const shop = learnShopClock(seen);
  return { ...shop, earlyGain: learnEarlyGain(shop, seen) };
}

function learnShopClock(seen: SeenPurchases): ShopClock {
  const { columns, repeats, asOf } = seen;
  // The months since the date would pass for a closure or a slow time, those with it for a surge or a rise of pace.
  if (dateOfGifts(repeats)) return { season: null, pace: null };
  const closures = findClosures(columns, repeats, asOf);
  const calendar: ShopClock = { season: null, pace: null, ...(closures.length > 0 && { closures }) };
  if (tellsCalendar(columns)) return learnSeasonAndRise(calendar, seen);
  if (!tellsSeason(columns)) return calendar;
  return learnFirstClock(calendar, seen);
}

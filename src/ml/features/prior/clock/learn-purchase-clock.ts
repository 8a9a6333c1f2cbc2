import type { RepeatPurchases } from '../../repeat-purchases.js';
import { findClosures } from './closures.js';
import type { EarlierCustomers } from '../earlier-customers/earlier-customers.js';
import { learnEarlyGain } from './learn-early-gain.js';
import { learnFirstSeason } from './learn-first-season.js';
import { tellsCalendar, tellsSeason } from '../history.js';
import { learnSeasonAndRise } from './learn-season-and-rise.js';
import type { PurchaseClock } from './purchase-clock.js';
import type { RfmColumns } from '../rfm-summary.js';
import type { SeenPurchases } from './seen-purchases.js';
import type { ShopClock } from './shop-clock.js';

/**
 * Closures, season, rise of pace and surge, as far as history can tell them; then, on the clock of all these, the early gain: how much
 * more often customers buy right after their first purchase.
 * @param columns customers as of `asOf`, in calendar days
 * @param repeats their repeat purchases before it
 * @param earlier customers from before history, as far as they are known; a season allows for them
 */
export function learnPurchaseClock(
  columns: RfmColumns,
  repeats: readonly RepeatPurchases[],
  asOf: Date,
  earlier?: EarlierCustomers,
): PurchaseClock {
  const seen = { columns, repeats, asOf, earlier };
  const shop = learnShopClock(seen);
  return { ...shop, earlyGain: learnEarlyGain(shop, seen) };
}

function learnShopClock(seen: SeenPurchases): ShopClock {
  const { columns, repeats, asOf } = seen;
  const closures = findClosures(columns, repeats, asOf);
  const calendar: ShopClock = { season: null, pace: null, ...(closures.length > 0 && { closures }) };
  if (tellsCalendar(columns)) return learnSeasonAndRise(calendar, seen);
  if (!tellsSeason(columns)) return calendar;
  return { ...calendar, season: learnFirstSeason(calendar, seen) };
}

import { dayNumber, monthOf } from '../../../../days.js';
import { historyOf, tellsSeason } from '../history.js';
import { learnEarlyGain } from './learn-early-gain.js';
import { learnFading } from './learn-fading.js';
import type { PurchaseClock } from './purchase-clock.js';
import { regressedSeason } from './regressed-season.js';
import type { SeenPurchases } from './seen-purchases.js';

/** In a longer history each month was seen twice, and the years tell whether there is a season. */
const mostDays = 730;
/** Greatest factor of the last month, for a season that was not found otherwise: a busier one may be a rise that goes on. */
const greatestAtEnd = 1.25;

/**
 * Clocks with a season that is learnt beside the ages of the customers, and with what these then do as they age. In little more than a
 * year the months are told from the ageing of customers by few days: a season that is learnt first takes up some of a fading pace, and one
 * that begins with busy months looks like an early gain.
 *
 * @param clock as it is learnt part by part, without fading
 * @returns none beside a rise, a fall or a surge, what is left of which would count for the months; with a season that is known, only if
 *   the pace fades; without one, only if history is short
 */
export function clocksBesideAges(clock: PurchaseClock, seen: SeenPurchases): PurchaseClock[] {
  if (clock.pace || clock.surge || !tellsSeason(seen.columns)) return [];
  const season = regressedSeason(clock, seen);
  const seasonal = { ...clock, season, earlyGain: 0 };
  const isNew = !clock.season;
  // Half a month back.
  const lastMonth = monthOf(dayNumber(seen.asOf) - 15);
  if (isNew && (historyOf(seen.columns) >= mostDays || season[lastMonth]! > greatestAtEnd)) return [];
  const faded = learnFading(seasonal, seen);
  return [...(isNew ? [{ ...seasonal, earlyGain: learnEarlyGain(seasonal, seen) }] : []), ...(faded ? [faded] : [])];
}

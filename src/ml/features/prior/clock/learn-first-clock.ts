import { closely } from './change-days.js';
import { likeliestFirst, logLikelihoodOnClock } from './clock-likelihood.js';
import { learnFirstSeason } from './learn-first-season.js';
import { learnPace, withRefinedPace } from './learn-pace.js';
import { regressedRise } from './regressed-rise.js';
import { fromRise } from './season-beside-rise.js';
import type { SeenPurchases } from './seen-purchases.js';
import type { ShopClock } from './shop-clock.js';

/** In nats: what a season must gain over a rise alone, and a rise over the clock without it. */
const leastGain = { season: 11, rise: 10 };

/**
 * The season and the rise of pace of a history of a year or little more. Where a season and a rise explain the purchases as well, there is
 * neither. Day and size of a rise are learnt closely before it is compared: a season has a factor for nearly every month seen, and would
 * beat a rise that is a few days off. A rise must be told by the same days of two years if no season is found, since it could be one.
 *
 * @param calendar the shop's clock without them
 */
export function learnFirstClock(calendar: ShopClock, seen: SeenPurchases): ShopClock {
  const usual = { ...calendar, season: learnFirstSeason(calendar, seen) };
  const found = regressedRise(calendar, seen) ?? (usual.season && learnPace(calendar, seen, closely));
  if (!found) return usual;
  const rise = withRefinedPace({ ...calendar, pace: found }, seen).pace;
  const risen = likeliestFirst(fromRise(rise, calendar, seen, learnFirstSeason), seen);
  const best = risen[0]!;
  const reached = logLikelihoodOnClock(usual, seen);
  if (best.logLikelihood - reached >= leastGain.rise) return best.shop;
  const alone = risen.find(({ shop }) => !shop.season)!;
  return reached - alone.logLikelihood < leastGain.season ? calendar : usual;
}

import { dayNumber } from '../../../../days.js';
import type { LogFit } from '../fitting/log-parameters.js';
import { bestLogLikelihoodNear, fitBgNbd } from '../purchases/fit-purchases.js';
import { historyOf, keepsGrowing } from '../history.js';
import type { SeenPurchases } from './seen-purchases.js';
import { columnsInShopTime, type PaceChange, paceOn, type ShopClock } from './shop-clock.js';
import { likelierEvenRise } from './even-rise.js';
import { timesAsOften } from './times-as-often.js';

/** Days before the as-of date at which the pace may have risen. */
const risesAgo: readonly number[] = [56, 112, 224, 365];
/** How often customers bought before it, as a part of how often since, at most. More than that may be a season that is not yet known. */
export const mostBefore = 0.5;
export const factors: readonly number[] = [mostBefore, 0.35, 0.25, 0.18, 0.125];
/** A half and a quarter of a fortnight, and of a step of `factors`. */
const refinements = [
  { days: 7, times: 2 ** 0.25 },
  { days: 3, times: 2 ** 0.125 },
];
/** Log-likelihood, in nats, that a rise must gain. What the purchases of a few customers bring by chance is no rule. */
const leastGain = 10;
/**
 * How many times as often customers must have bought since as others of the same age did before. Where purchases come in bursts, the
 * likelihood alone prefers a slow past, in which long silences are likelier, although there was no rise.
 */
export const leastTimes = 1.25;

/** Where a rise is looked for. */
interface RiseSearch {
  /** Days before the as-of date. */
  readonly daysAgo?: readonly number[];
  /** History must be at least so many times as long as the time since the rise. */
  readonly timesAsLong?: number;
}

/**
 * The rise of pace with the highest likelihood (cf. `learnEarlyGain`). Falls are not looked for: customers who all buy less as they age
 * would look like one.
 *
 * @param shop its clock as far as it is known
 * @returns null where none makes the purchases likelier beyond chance
 */
export function learnPace(
  shop: ShopClock,
  seen: SeenPurchases,
  { daysAgo = risesAgo, timesAsLong = 3 }: RiseSearch = {},
): PaceChange | null {
  const { columns, repeats, asOf } = seen;
  const now = dayNumber(asOf);
  const even = fitBgNbd(columnsInShopTime(shop, columns, asOf));
  const reached = likelihoodOfRise(even, shop, seen);
  const plain = even.logLikelihood;
  let best: { readonly pace: PaceChange | null; readonly logLikelihood: number } = { pace: null, logLikelihood: plain };
  const history = historyOf(columns);
  for (const ago of daysAgo.filter((days) => timesAsLong * days <= history)) {
    let highest = plain;
    for (const before of factors) {
      const pace = { day: now - ago, before };
      const likelihood = reached(pace);
      if (likelihood < highest) break;
      highest = likelihood;
      if (likelihood > best.logLikelihood) best = { pace, logLikelihood: likelihood };
    }
  }
  if (!best.pace || best.logLikelihood - plain < leastGain) return null;
  // In one cohort all are of the same age.
  if (!keepsGrowing(columns, history)) return best.pace;
  return timesAsOften(columns, repeats, shop, { asOf, since: best.pace.day }) >= leastTimes ? best.pace : null;
}

/**
 * The clock with the likeliest day and factor beside those of the rise or fall that was found, if any: half a step of the factors is a
 * fifth of the pace. A rise may go on evenly for some time.
 */
export function withRefinedPace(shop: ShopClock, seen: SeenPurchases): ShopClock {
  if (!shop.pace) return shop;
  const reached = likelihoodOfRise(fitBgNbd(columnsInShopTime(shop, seen.columns, seen.asOf)), shop, seen);
  let best = { pace: shop.pace, logLikelihood: reached(shop.pace) };
  const tryAll = (beside: readonly PaceChange[]) => {
    for (const each of beside.map((pace) => ({ pace, logLikelihood: reached(pace) }))) {
      if (each.logLikelihood > best.logLikelihood) best = each;
    }
  };
  for (const { days, times } of refinements) {
    const { before } = best.pace;
    tryAll([days, -days].map((later) => ({ day: best.pace.day + later, before })));
    const { day } = best.pace;
    tryAll([times, 1 / times].map((factor) => ({ day, before: before * factor })));
  }
  const { pace } = best;
  const now = dayNumber(seen.asOf);
  const history = { from: now - historyOf(seen.columns), to: now };
  return { ...shop, pace: pace.before < 1 ? likelierEvenRise(pace, reached, history) : pace };
}

/** @param near a fit on a clock that differs little */
function likelihoodOfRise(near: LogFit, shop: ShopClock, { columns, repeats, asOf }: SeenPurchases) {
  return (pace: PaceChange): number => {
    const risen = { ...shop, pace };
    // In the midst of the day: a purchase may have been at any time of it.
    const logSpeeds = repeats.reduce((sum, { day, count }) => sum + count * Math.log(paceOn(risen, day + 0.5)), 0);
    return bestLogLikelihoodNear(near, columnsInShopTime(risen, columns, asOf)) + logSpeeds;
  };
}

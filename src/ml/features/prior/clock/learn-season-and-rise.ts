import { dayNumber } from '../../../../days.js';
import { closely } from './change-days.js';
import { likeliestFirst } from './clock-likelihood.js';
import { learnChange } from './learn-change.js';
import { learnPace, leastTimes, mostBefore, withRefinedPace } from './learn-pace.js';
import { learnSalesSeason } from './learn-sales-season.js';
import { learnSurge } from './learn-surge.js';
import { regressedRise } from './regressed-rise.js';
import { fromRise } from './season-beside-rise.js';
import type { SeenPurchases } from './seen-purchases.js';
import type { PaceChange, ShopClock } from './shop-clock.js';
import { timesAsOften } from './times-as-often.js';

/** Where a rise is looked for beside a season that is not known yet, see `riseBesideSeason`. In days before the as-of date. */
const startsAgo: readonly number[] = [56, 84, 112, 154, 224];

/**
 * The season, the rise of pace and the surge. Each of them, learnt alone, can be mistaken for another: the months since a rise look like
 * busy months of the year, busy months like a rise, and a rise whose busy months are over like a surge. So several orders are tried,
 * each part learnt on the clock of those before it: surge, season, rise; and, if any of them is found, also without a surge, with the
 * rise, or that of `regressedRise`, before the season, and with the change of `learnChange`. The clock with the highest likelihood, less
 * its number of parameters, is taken. Customers who are worse (or better) the later they come look like a season, too, or distort one: at
 * the end the season is learnt again beside such a trend, and if nothing of it is left, the next likeliest clock is taken. Only then are
 * day and size of the rise or fall learnt closely: before, what is left of a peaked season would pass for a small rise.
 *
 * @param calendar the shop's clock without any of them
 */
export function learnSeasonAndRise(calendar: ShopClock, seen: SeenPurchases): ShopClock {
  return withRefinedPace(likeliestOfAll(calendar, seen), seen);
}

function likeliestOfAll(calendar: ShopClock, seen: SeenPurchases): ShopClock {
  const surge = learnSurge(calendar, seen);
  const even = surge ? { ...calendar, surge } : calendar;
  const usual = seasonThenRise(even, seen);
  const beside = riseBesideSeason(even, seen);
  const changed = withChange(calendar, seen);
  const regressed = regressedRise(even, seen);
  if (!surge && !usual.season && !usual.pace && !beside && !regressed && changed.length === 0) return usual;
  const from = (rise: PaceChange | null, shop: ShopClock) => fromRise(rise, shop, seen, learnSalesSeason);
  const others = [
    ...from(learnPace(even, seen, closely), even),
    ...from(beside, even),
    ...from(regressed, even),
    ...changed,
    ...(surge ? [seasonThenRise(calendar, seen), ...from(learnPace(calendar, seen, closely), calendar)] : []),
  ];
  for (const { shop: told } of likeliestFirst([usual, ...others, even, calendar], seen)) {
    if (!told.season) return told;
    const season = learnSalesSeason({ ...told, season: null }, seen, { besideTrend: true });
    if (season) return { ...told, season };
  }
  // Never reached, since the calendar, which has no season, is one of them.
  return calendar;
}

function seasonThenRise(even: ShopClock, seen: SeenPurchases): ShopClock {
  const seasonal = { ...even, season: learnSalesSeason(even, seen) };
  return { ...seasonal, pace: learnPace(seasonal, seen) };
}

/**
 * A rise that hides a season: with it the last year is so unlike the others that they agree on no season, and without a season the rise
 * is seen where it is not. Of rises since which customers of the same age have bought more often, the one with the likeliest season on
 * its clock.
 *
 * @returns null where there is none that a season goes with
 */
function riseBesideSeason(even: ShopClock, seen: SeenPurchases): PaceChange | null {
  const { columns, repeats, asOf } = seen;
  const clocks = startsAgo.flatMap((ago) => {
    const day = dayNumber(asOf) - ago;
    const times = timesAsOften(columns, repeats, even, { asOf, since: day });
    if (!(times >= leastTimes)) return [];
    const pace = { day, before: Math.min(mostBefore, 1 / times) };
    const season = learnSalesSeason({ ...even, pace }, seen);
    return season ? [{ ...even, season, pace }] : [];
  });
  return likeliestFirst(clocks, seen)[0]?.shop.pace ?? null;
}

/** A fall, or a busy or quiet time that is over; and with it the season, and in the latter case the rise. */
function withChange(calendar: ShopClock, seen: SeenPurchases): ShopClock[] {
  const change = learnChange(calendar, seen);
  if (!change) return [];
  const changed = { ...calendar, ...change };
  if ('surge' in change) return [changed, seasonThenRise(changed, seen)];
  return [changed, { ...changed, season: learnSalesSeason(changed, seen) }];
}

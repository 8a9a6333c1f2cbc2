import { learnPace } from './learn-pace.js';
import { learnSalesSeason } from './learn-sales-season.js';
import { learnSurge } from './learn-surge.js';
import { closeRisesAgo, logLikelihoodOnClock } from './season-or-rise.js';
import type { SeenPurchases } from './seen-purchases.js';
import type { ShopClock } from './shop-clock.js';

/** `RiseSearch.timesAsLong` where the rise is learnt before the season, or together with it. */
const timesAsLong = 1.5;
const rounds = 2;
/** Number of parameters of each part of a clock: what it must gain in log-likelihood, in nats (Akaike's criterion). */
const parameters = { season: 11, pace: 2, surge: 3 };

/**
 * The season, the rise of pace and the surge. Each of them, learnt alone, can be mistaken for another: the months since a rise look like
 * busy months of the year, busy months like a rise, and a rise whose busy months are over like a surge. So several orders are tried,
 * each part learnt on the clock of those before it: surge, season, rise; and, if any of them is found, also without a surge, and with
 * the rise before the season. The clock with the highest likelihood, less its number of parameters, is taken. Customers who are worse
 * (or better) the later they come look like a season, too, or distort one: at the end the season is learnt again beside such a trend,
 * and is dropped if nothing of it is left.
 *
 * @param calendar the shop's clock without any of them
 */
export function learnSeasonAndRise(calendar: ShopClock, seen: SeenPurchases): ShopClock {
  const surge = learnSurge(calendar, seen);
  const even = surge ? { ...calendar, surge } : calendar;
  const usual = seasonThenRise(even, seen);
  if (!surge && !usual.season && !usual.pace) return usual;
  const others = [
    ...riseThenSeason(even, seen),
    ...(surge ? [seasonThenRise(calendar, seen), ...riseThenSeason(calendar, seen)] : []),
  ];
  const told = likeliest([usual, ...others], seen);
  if (!told.season) return told;
  const season = learnSalesSeason({ ...told, season: null }, seen, { besideTrend: true });
  if (season) return { ...told, season };
  return likeliest(
    [calendar, even, usual, ...others].filter(({ season }) => !season),
    seen,
  );
}

function seasonThenRise(even: ShopClock, seen: SeenPurchases): ShopClock {
  const seasonal = { ...even, season: learnSalesSeason(even, seen) };
  return { ...seasonal, pace: learnPace(seasonal, seen) };
}

/** The rise without a season, the season on its clock, the rise on that one's, and so on. */
function riseThenSeason(even: ShopClock, seen: SeenPurchases): ShopClock[] {
  const closely = { daysAgo: closeRisesAgo, timesAsLong };
  const clocks: ShopClock[] = [];
  let pace = learnPace(even, seen, closely);
  if (pace) clocks.push({ ...even, pace });
  for (let round = 0; pace && round < rounds; round++) {
    const season = learnSalesSeason({ ...even, pace }, seen);
    if (!season) break;
    clocks.push({ ...even, season, pace });
    pace = learnPace({ ...even, season }, seen, closely);
    if (pace) clocks.push({ ...even, season, pace });
  }
  return clocks;
}

function likeliest(clocks: readonly ShopClock[], seen: SeenPurchases): ShopClock {
  const scores = clocks.map((shop) => {
    const { season, pace, surge } = shop;
    const free = (season ? parameters.season : 0) + (pace ? parameters.pace : 0) + (surge ? parameters.surge : 0);
    return logLikelihoodOnClock(shop, seen) - free;
  });
  return clocks[scores.indexOf(Math.max(...scores))]!;
}

import { learnPace } from './learn-pace.js';
import { learnSalesSeason } from './learn-sales-season.js';
import { learnSurge } from './learn-surge.js';
import { closeRisesAgo, logLikelihoodOnClock } from './season-or-rise.js';
import type { SeenPurchases } from './seen-purchases.js';
import type { ShopClock } from './shop-clock.js';

/** By this many times history is longer than the time since a rise that is learnt before the season or on its clock. */
const timesAsLong = 1.5;
const rounds = 2;
/** Of what a clock is made of, in nats (Akaike's criterion). */
const parameters = { season: 11, pace: 2, surge: 3 };

/**
 * The season, the rise of pace and the surge. Each passes for another one where it is learnt alone: months since a rise for busy ones
 * of the year, busy months for a rise, and a rise whose busy months are over for a surge. So that order is tried in which each is
 * learnt on the clock of those before it, surge, season, rise, and if any of them is found, without a surge and with the rise
 * before the season, too. Of the clocks that come of it the purchases say which is likeliest. Customers who are worse the later they
 * come, or better, pass for a season as well, or distort one: in the end it is learnt beside such a trend, and must be left there.
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
  const best = likeliest([usual, ...others], seen);
  // A rise alone stays on the coarse days, on which a pace that rises slowly is met better.
  const told = usual.season || best.season || usual.surge !== best.surge ? best : usual;
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

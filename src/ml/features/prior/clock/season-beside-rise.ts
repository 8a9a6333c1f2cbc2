import { closely } from './change-days.js';
import { learnPace } from './learn-pace.js';
import type { SalesSeason } from './sales-season.js';
import type { SeenPurchases } from './seen-purchases.js';
import type { PaceChange, ShopClock } from './shop-clock.js';

const rounds = 2;

/** The rise, the season on its clock, the rise on that one's, and so on. */
export function fromRise(
  first: PaceChange | null,
  even: ShopClock,
  seen: SeenPurchases,
  learnSeason: (without: ShopClock, seen: SeenPurchases) => SalesSeason | null,
): ShopClock[] {
  const clocks: ShopClock[] = [];
  let pace = first;
  if (pace) clocks.push({ ...even, pace });
  for (let round = 0; pace && round < rounds; round++) {
    const season = learnSeason({ ...even, pace }, seen);
    if (!season) break;
    clocks.push({ ...even, season, pace });
    pace = learnPace({ ...even, season }, seen, closely);
    if (pace) clocks.push({ ...even, season, pace });
  }
  return clocks;
}

import { mean } from '../../../../math.js';
import { calendarCells } from './calendar-cells.js';
import { fitCalendarRates } from './calendar-rates.js';
import type { SalesSeason } from './sales-season.js';
import type { SeenPurchases } from './seen-purchases.js';
import type { ShopClock } from './shop-clock.js';

/** Where a month has hardly any purchases: a clock must not stand still. */
const leastFactor = 0.05;

/**
 * The months' factors beside a factor for each age of customers, whatever they do as they age: leave, buy less and less, or more often at
 * first. Each month seen counts, whether or not it is beyond chance.
 *
 * @param shop its clock; its season, if any, is left aside
 */
export function regressedSeason(shop: ShopClock, seen: SeenPurchases): SalesSeason {
  const cells = calendarCells({ ...shop, season: null }, seen, [], { wholeHistory: true });
  const factors = Array.from(fitCalendarRates(cells).months, Math.exp);
  const average = mean(factors);
  return factors.map((factor) => Math.max(factor / average, leastFactor));
}

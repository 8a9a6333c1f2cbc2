import { dayNumber } from '../../../../days.js';
import { historyOf, keepsGrowing } from '../history.js';
import { calendarCells, isWithin } from './calendar-cells.js';
import { fitCalendarRates } from './calendar-rates.js';
import { changeDays } from './change-days.js';
import { timesOfEarlierJoiners } from './earlier-joiners.js';
import { factors, leastTimes } from './learn-pace.js';
import type { SeenPurchases } from './seen-purchases.js';
import type { PaceChange, ShopClock } from './shop-clock.js';

/** In nats, times the dispersion. */
const leastGain = 10;

/**
 * The rise of pace that tells most of the purchases beside the seasons, and beside customers who are steadily better the later they come:
 * days of two years tell it from a season, even where history has few of them. Customers from before history, whose age nobody knows, buy
 * more often than others as new as they seem to be, and so hide a rise at most.
 *
 * @param shop its clock without seasons and changes of pace
 * @returns with a day and a size that `learnPace` tries, too; null where there is none beyond chance
 */
export function regressedRise(shop: ShopClock, seen: SeenPurchases): PaceChange | null {
  const history = historyOf(seen.columns);
  if (!keepsGrowing(seen.columns, history)) return null;
  const now = dayNumber(seen.asOf);
  const since = (from: number) => ({ groupOf: isWithin({ from, to: now }), hasTrend: true });
  const days = changeDays(history, now);
  const cells = calendarCells(shop, seen, days, { wholeHistory: true });
  const near = fitCalendarRates(cells, { hasTrend: true });
  const { day } = days
    .map((day) => ({ day, ...fitCalendarRates(cells, { ...since(day), near }) }))
    .reduce((best, each) => (each.logLikelihood > best.logLikelihood ? each : best));
  const own = calendarCells(shop, seen, [day], { wholeHistory: true });
  const risen = fitCalendarRates(own, since(day));
  const gain = risen.logLikelihood - fitCalendarRates(own, { hasTrend: true }).logLikelihood;
  if (gain < leastGain * risen.dispersion) return null;
  if (!(timesOfEarlierJoiners(day, shop, seen, { wholeHistory: true }) >= leastTimes)) return null;
  const distance = (before: number) => Math.abs(Math.log(before * risen.factors[1]!));
  return { day, before: factors.reduce((best, each) => (distance(each) < distance(best) ? each : best)) };
}

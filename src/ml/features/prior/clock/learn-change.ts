import { dayNumber, wholeYearDays } from '../../../../days.js';
import { historyOf, keepsGrowing } from '../history.js';
import { calendarCells, isWithin, type Span } from './calendar-cells.js';
import { type CalendarRates, fitCalendarRates } from './calendar-rates.js';
import { changeDays } from './change-days.js';
import { inOtherYears } from './closures.js';
import { timesOfEarlierJoiners } from './earlier-joiners.js';
import type { SeenPurchases } from './seen-purchases.js';
import type { PaceChange, ShopClock, Surge } from './shop-clock.js';

/** Shortest history in which a change is looked for: each month was seen twice. In less, the end of busy months would pass for one. */
const leastHistoryDays = 2 * wholeYearDays;
/** In nats: what a change must gain, a fall beside a trend. */
const leastGain = 10;
/** How long a fall must have lasted: nobody knows whether a shorter one is a lull. */
const leastDaysOfFall = 112;
/** How many times as often customers may buy since a fall, at most. */
const mostTimes = 0.8;
/** How long a busy or quiet time may have been that is over. */
const spellDays = { least: 28, most: 182 };
/** How many times as many purchases it must have, or as few; and the same days of other years may have at most: more is a season. */
const leastOfSpell = 1.75;
const mostElsewhere = 1.25;
/** Years before and after it that are looked at. */
const otherYears = 3;
/** Days by which its begin and end are moved in search of the likeliest. */
const refinements = [7, 3];

/** In days since 1970-01-01, from `from` up to `to`. */
interface Days {
  readonly from: number;
  readonly to: number;
}

interface Change extends Days {
  readonly fit: CalendarRates;
}

/**
 * The one change of how often all customers of a shop buy that tells most of the purchases, beside the seasons: a fall that lasts, or a
 * busy or quiet time that is over.
 *
 * @param shop its clock without seasons, changes of pace and surges
 * @returns what to add to the clock; null where there is none, or a rise that lasts (see `regressedRise`)
 */
export function learnChange(
  shop: ShopClock,
  seen: SeenPurchases,
): { readonly pace: PaceChange } | { readonly surge: Surge } | null {
  const history = historyOf(seen.columns);
  if (history < leastHistoryDays || !keepsGrowing(seen.columns, history)) return null;
  const now = dayNumber(seen.asOf);
  const days = changeDays(history, now);
  const search = searchIn(shop, seen, days);
  const lasting = search(days.map((from) => ({ from, to: now })));
  const over = search(days.flatMap((from) => days.map((to) => ({ from, to })).filter(isSpell)));
  if (over.fit.logLikelihood > lasting.fit.logLikelihood) {
    const surge = spellOf(over, lasting, shop, seen);
    return surge && { surge };
  }
  const pace = fallOf(lasting.from, shop, seen);
  return pace && { pace };
}

const isSpell = ({ from, to }: Days) => to - from >= spellDays.least && to - from <= spellDays.most;

/** @returns finds the likeliest of changes that begin and end on the days */
function searchIn(shop: ShopClock, seen: SeenPurchases, days: readonly number[]) {
  const cells = calendarCells(shop, seen, days);
  const near = fitCalendarRates(cells);
  return (changes: readonly Days[]): Change =>
    changes
      .map((change) => ({ ...change, fit: fitCalendarRates(cells, { groupOf: isWithin(change), near }) }))
      .reduce((best, each) => (each.fit.logLikelihood > best.fit.logLikelihood ? each : best));
}

/** A fall must tell more than customers who are worse the later they come, and hold for those, too, who had come before it. */
function fallOf(day: number, shop: ShopClock, seen: SeenPurchases): PaceChange | null {
  const now = dayNumber(seen.asOf);
  if (now - day < leastDaysOfFall) return null;
  const cells = calendarCells(shop, seen, [day]);
  const groupOf = isWithin({ from: day, to: now });
  const fall = fitCalendarRates(cells, { groupOf, hasTrend: true });
  const gain = fall.logLikelihood - fitCalendarRates(cells, { hasTrend: true }).logLikelihood;
  const times = fall.factors[1]!;
  if (times > mostTimes || gain < leastGain * fall.dispersion) return null;
  return timesOfEarlierJoiners(day, shop, seen) <= mostTimes ? { day, before: 1 / times } : null;
}

/** Such a time must be likelier than a change that lasts, and no season: the same days of another year must have been seen, and as usual. */
function spellOf(rough: Change, lasting: Change, shop: ShopClock, seen: SeenPurchases): Surge | null {
  const { logLikelihood, dispersion } = rough.fit;
  if (logLikelihood - lasting.fit.logLikelihood < leastGain * dispersion) return null;
  const { from, to, fit } = refinements.reduce((best, by) => {
    const [begins, ends] = [best.from, best.to].map((day) => [day - by, day, day + by]) as [number[], number[]];
    return searchIn(shop, seen, [...begins, ...ends])(begins.flatMap((from) => ends.map((to) => ({ from, to }))));
  }, rough);
  const times = fit.factors[1]!;
  if (Math.max(times, 1 / times) < leastOfSpell) return null;
  const years = inOtherYears({ from, to }, wholeYearDays, otherYears);
  const groupOf = (span: Span) =>
    isWithin({ from, to })(span) ? 1 : years.some((year) => isWithin(year)(span)) ? 2 : 0;
  const cells = calendarCells(
    shop,
    seen,
    [{ from, to }, ...years].flatMap((each) => [each.from, each.to]),
  );
  // NaN, where they were not seen.
  const [, , elsewhere = NaN] = fitCalendarRates(cells, { groupOf }).factors;
  const isUsual = times > 1 ? elsewhere <= mostElsewhere : elsewhere >= 1 / mostElsewhere;
  return isUsual ? { from, to, times } : null;
}

import { dayNumber } from '../../../../days.js';
import type { RepeatPurchases } from '../../repeat-purchases.js';
import { type Closure, inOtherYears } from './closures.js';
import { bestLogLikelihood, weekDays } from '../purchases/fit-purchases.js';
import { historyOf } from '../history.js';
import type { SeenPurchases } from './seen-purchases.js';
import { columnsInShopTime, type ShopClock, type Surge } from './shop-clock.js';

/** Weeks that a surge may last: a shorter one is a sale, a longer one the shop's usual course. */
const [leastWeeks, mostWeeks] = [4, 26];
/** The busier of so many weeks before and after tell how many purchases were usual. After it, `leastAfter` are enough. */
const besideWeeks = 8;
const leastAfter = 4;
const weeksInYear = 52;
/** Days before a closure and after it that say what it missed. */
const closureSide = 14;
/** A surge has at least so many times the usual purchases, and the same weeks of another year at most so many: more is a season. */
const leastTimes = 1.75;
const mostElsewhere = 1.25;
const leastPurchases = 100;
/** How many times as often customers buy. */
const factors = [1.5, 2, 2.5, 3, 4, 5, 6, 8];
/** Log-likelihood, in nats, that a surge must gain, as a rise must in `learnPace`. */
const leastGain = 10;

/**
 * The weeks, and the factor of the highest likelihood, in which all customers bought more often than before and since, and in no other
 * year.
 * @param shop its clock as far as it is known
 * @returns null where there are none, or no other year to tell them from a season
 */
export function learnSurge(shop: ShopClock, { columns, repeats, asOf }: SeenPurchases): Surge | null {
  const now = dayNumber(asOf);
  const asIfOpen = [...repeats, ...(shop.closures ?? []).flatMap((closure) => missedIn(closure, repeats, now))];
  const weeks = busiestWeeks(purchasesByWeek(asIfOpen, now, Math.floor(historyOf(columns) / weekDays)));
  if (!weeks) return null;
  const [from, to] = [now - weekDays * weeks.from, now - weekDays * weeks.to];
  const within = repeats.reduce((sum, { day, count }) => sum + (day >= from && day < to ? count : 0), 0);
  const plain = bestLogLikelihood(columnsInShopTime(shop, columns, asOf));
  let best: { readonly surge: Surge | null; readonly gain: number } = { surge: null, gain: leastGain };
  for (const times of factors) {
    const surge = { from, to, times };
    const reached = bestLogLikelihood(columnsInShopTime({ ...shop, surge }, columns, asOf)) + within * Math.log(times);
    const gain = reached - plain;
    if (gain >= best.gain) best = { surge, gain };
    else if (best.surge) break;
  }
  return best.surge;
}

/** Purchases that a closure's days would have had at the pace of the days beside it. Without them a surge would seem to end there. */
function missedIn(
  { from, to }: Closure,
  repeats: readonly RepeatPurchases[],
  now: number,
): Pick<RepeatPurchases, 'day' | 'count'>[] {
  const isBeside = (day: number) => day >= from - closureSide && day < to + closureSide;
  const beside = repeats.reduce((sum, { day, count }) => sum + (isBeside(day) ? count : 0), 0);
  const daily = beside / (closureSide + Math.min(closureSide, now - to));
  return Array.from({ length: to - from }, (_, i) => ({ day: from + i, count: daily }));
}

/** Weeks before the as-of date, `from` more of them than `to`. */
interface Weeks {
  readonly from: number;
  readonly to: number;
}

/** The weeks that stand out most from those beside them, unless the same weeks of another year do so, too. */
function busiestWeeks(purchases: readonly number[]): Weeks | undefined {
  const before = [0];
  for (const count of purchases) before.push(before.at(-1)! + count);
  const count = ({ from, to }: Weeks) => before[from]! - before[to]!;
  const usual = ({ from, to }: Weeks) => {
    const after = Math.min(besideWeeks, to);
    const rates = [
      count({ from: from + besideWeeks, to: from }) / besideWeeks,
      count({ from: to, to: to - after }) / after,
    ];
    return (from - to) * Math.max(...rates);
  };
  const isSeen = ({ from, to }: Weeks) => to >= leastAfter && from + besideWeeks <= purchases.length;
  const years = Math.floor(purchases.length / weeksInYear);
  const otherYears = (weeks: Weeks) => inOtherYears(weeks, weeksInYear, years).filter(isSeen);
  const isSeason = (weeks: Weeks) => {
    const others = otherYears(weeks);
    return others.length === 0 || others.some((other) => count(other) > mostElsewhere * usual(other));
  };
  let best: { readonly weeks: Weeks; readonly gain: number } | undefined;
  for (let to = leastAfter; to < purchases.length; to++) {
    for (let from = to + leastWeeks; from <= to + mostWeeks; from++) {
      const weeks = { from, to };
      if (!isSeen(weeks)) break;
      const [seen, expected] = [count(weeks), usual(weeks)];
      if (seen < leastPurchases || seen < leastTimes * expected) continue;
      const gain = seen * Math.log(seen / Math.max(1, expected)) - (seen - expected);
      if (gain > (best?.gain ?? 0)) best = { weeks, gain };
    }
  }
  return best && !isSeason(best.weeks) ? best.weeks : undefined;
}

/** @returns repeat purchases of the week that ends at `now`, of the one before it, and so on */
function purchasesByWeek(
  repeats: readonly Pick<RepeatPurchases, 'day' | 'count'>[],
  now: number,
  weeks: number,
): number[] {
  const purchases = Array.from({ length: weeks }, () => 0);
  for (const { day, count } of repeats) {
    const week = Math.floor((now - 1 - day) / weekDays);
    if (week >= 0 && week < weeks) purchases[week]! += count;
  }
  return purchases;
}

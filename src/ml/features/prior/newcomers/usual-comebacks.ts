import { sum } from '../../../../math.js';
import type { RepeatPurchases } from '../../repeat-purchases.js';
import { type PurchaseClock, timeSinceFirst } from '../clock/purchase-clock.js';
import type { RfmColumns } from '../rfm-summary.js';

/** Customers of one first day, in days since 1970-01-01. Lengths of time are those of `timeSinceFirst`. */
export interface Arrival {
  readonly firstDay: number;
  readonly customers: number;
  /** Until now. */
  readonly length: number;
  /** Mean natural log of what their attributes multiply their rates by. */
  readonly logPace: number;
  /** How many made their second purchase after so long. */
  readonly comebacks: readonly { readonly length: number; readonly count: number }[];
}

/** How soon customers make their second purchase. */
export interface UsualComebacks {
  /** P(second purchase less than so many days after the first one, on the clock). */
  readonly within: (length: number) => number;
  /** How many second purchases this rests on. */
  readonly seen: number;
}

/**
 * @param now in days since 1970-01-01
 * @param comebacks second purchase days of these customers before `now`
 */
export function arrivalsOf(
  { age: ages, logPace }: Pick<RfmColumns, 'age'> & { readonly logPace?: Float64Array },
  comebacks: readonly RepeatPurchases[],
  clock: PurchaseClock,
  now: number,
): Arrival[] {
  const customers = new Map<number, number>();
  const logPaces = new Map<number, number>();
  for (const [i, age] of ages.entries()) {
    customers.set(now - age, (customers.get(now - age) ?? 0) + 1);
    logPaces.set(now - age, (logPaces.get(now - age) ?? 0) + (logPace?.[i] ?? 0));
  }
  const byDay = new Map<number, RepeatPurchases[]>();
  for (const comeback of comebacks) byDay.set(comeback.firstDay, [...(byDay.get(comeback.firstDay) ?? []), comeback]);
  return [...customers].map(([firstDay, count]) => ({
    firstDay,
    customers: count,
    length: timeSinceFirst(clock, firstDay, now),
    logPace: logPaces.get(firstDay)! / count,
    comebacks: (byDay.get(firstDay) ?? []).map((comeback) => ({
      length: timeSinceFirst(clock, firstDay, comeback.day),
      count: comeback.count,
    })),
  }));
}

/**
 * Estimated by days from customers who have been there for different lengths of time (product-limit estimate: Kaplan & Meier 1958).
 * @param longest time that is asked for
 */
export function usualComebacks(arrivals: readonly Arrival[], longest: number): UsualComebacks {
  const days = Math.ceil(longest);
  const came = Array.from({ length: days + 1 }, () => 0);
  // How many customers were observed for so many days, up to the second purchase or the as-of date.
  const waited = came.map(() => 0);
  const wait = (length: number, customers: number) => {
    waited[Math.min(days, length)]! += customers;
  };
  for (const { customers, length, comebacks } of arrivals) {
    for (const back of comebacks) {
      const day = Math.min(days, Math.floor(back.length));
      came[day]! += back.count;
      wait(day + 1, back.count);
    }
    wait(Math.ceil(length), customers - sum(comebacks.map(({ count }) => count)));
  }
  let there = sum(waited) - waited[0]!;
  let silent = 1;
  const silentBy = came.map((back, day) => {
    const before = silent;
    if (there > 0) silent *= 1 - back / there;
    there -= waited[day + 1] ?? 0;
    return before;
  });
  return {
    within: (length) => 1 - silentBy[Math.min(days, Math.ceil(length))]!,
    seen: sum(came.slice(0, days)),
  };
}

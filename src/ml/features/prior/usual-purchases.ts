import { sum } from '../../../math.js';
import type { RepeatPurchases } from '../repeat-purchases.js';
import type { RfmColumns } from './rfm-summary.js';
import { type ShopClock, shopLength } from './shop-clock.js';

const weekDays = 7;

/** What some customers bought by week of their age. */
export interface UsualPurchases {
  /** Repeat purchases of one of them up to an age, given in calendar days as of now. */
  readonly upTo: (age: number) => number;
  /** Purchases that tell it. */
  readonly seen: number;
}

export interface Ages {
  /** Days since 1970-01-01. */
  readonly now: number;
  /** The highest age that is asked for, in days. */
  readonly longest: number;
  /** Whose purchases count, by the day of the first one. */
  readonly counts: (firstDay: number) => boolean;
}

/**
 * @param repeats repeat purchases of the customers before `now`
 * @param shop clock on which weeks are counted
 */
export function usualPurchases(
  { age: ages }: Pick<RfmColumns, 'age'>,
  repeats: readonly RepeatPurchases[],
  shop: ShopClock,
  { now, longest, counts }: Ages,
): UsualPurchases {
  const weeks = Math.ceil(shopLength(shop, now - longest, now) / weekDays) + 1;
  const made = Array.from({ length: weeks }, () => 0);
  const lived = made.map(() => 0);
  const within = (length: number, week: number) => Math.max(0, Math.min(weekDays, length - week * weekDays));
  for (const { firstDay, day, count } of repeats) {
    const week = Math.floor(shopLength(shop, firstDay, day) / weekDays);
    if (week < weeks && counts(firstDay)) made[week]! += count;
  }
  const customers = new Map<number, number>();
  for (const age of ages) if (counts(now - age)) customers.set(age, (customers.get(age) ?? 0) + 1);
  for (const [age, alike] of customers) {
    const length = shopLength(shop, now - age, now);
    for (let week = 0; week < weeks; week++) lived[week]! += alike * within(length, week);
  }
  const rates = made.map((purchases, week) => (lived[week]! > 0 ? purchases / lived[week]! : 0));
  const known = new Map<number, number>();
  const upTo = (age: number) => {
    const length = shopLength(shop, now - age, now);
    const purchases = known.get(age) ?? sum(rates.map((rate, week) => rate * within(length, week)));
    known.set(age, purchases);
    return purchases;
  };
  return { upTo, seen: sum(made) };
}

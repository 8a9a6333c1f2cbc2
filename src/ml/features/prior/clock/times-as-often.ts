import { dayNumber } from '../../../../days.js';
import { clamp } from '../../../../math.js';
import type { RepeatPurchases } from '../../repeat-purchases.js';
import { historyOf } from '../history.js';
import { ageDays, firstPart } from './calendar-cells.js';
import { arrivalsByDay } from './purchase-clock.js';
import type { RfmColumns } from '../rfm-summary.js';
import { type ShopClock, shopTime } from './shop-clock.js';

interface Seen {
  /** Days of shop time that customers of the age had. */
  time: number;
  purchases: number;
}

/**
 * How many times as often customers have bought since a day as others of the same age, by time since their first purchase, did before
 * it: the ratio of Mantel & Haenszel (1959), over ages in place of strata, in which an age that hardly anybody had before, or has had
 * since, hardly counts. Neither growth nor ageing changes it, nor purchases that come in bursts.
 *
 * @param columns customers as of `asOf`, in calendar days
 * @param repeats their repeat purchases before it
 * @param since in days since 1970-01-01
 * @returns NaN where nobody was as old before
 */
export function timesAsOften(
  columns: Pick<RfmColumns, 'age'>,
  repeats: readonly RepeatPurchases[],
  shop: ShopClock,
  { asOf, since }: { readonly asOf: Date; readonly since: number },
): number {
  const now = dayNumber(asOf);
  const begin = Math.ceil(now - (1 - firstPart) * historyOf(columns));
  const times = Float64Array.from({ length: now - begin + 1 }, (_, i) => shopTime(shop, begin + i));
  const timeBetween = (from: number, to: number) => times[to - begin]! - times[from - begin]!;
  const before: Seen[] = [];
  const after: Seen[] = [];
  const seenAt = (seen: Seen[], age: number) => (seen[Math.floor(age / ageDays)] ??= { time: 0, purchases: 0 });
  for (const [firstDay, customers] of arrivalsByDay(columns, asOf)) {
    if (firstDay < begin) continue;
    for (let from = firstDay; from < now; from += ageDays) {
      const to = Math.min(from + ageDays, now);
      const middle = clamp(since, from, to);
      seenAt(before, from - firstDay).time += customers * timeBetween(from, middle);
      seenAt(after, from - firstDay).time += customers * timeBetween(middle, to);
    }
  }
  for (const { firstDay, day, count } of repeats) {
    if (firstDay >= begin) seenAt(day < since ? before : after, day - firstDay).purchases += count;
  }
  let purchases = 0;
  let usual = 0;
  after.forEach((seen, i) => {
    const earlier = before[i]!;
    const time = earlier.time + seen.time;
    purchases += (seen.purchases * earlier.time) / time;
    usual += (earlier.purchases * seen.time) / time;
  });
  return purchases / usual;
}

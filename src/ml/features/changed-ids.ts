import { dayNumber } from '../../days.js';
import { firstDayOf } from './prior/clock/purchase-clock.js';
import type { RfmColumns } from './prior/rfm-summary.js';

/** On a day within so many days before and after the change, at least `leastBeside` customers must have bought before and after. */
const besideDays = 180;
const leastBeside = 100;
/** Most of them, as a share, who may have bought both before and after the change: a few old ids may have been kept. */
const mostLeft = 0.02;

/**
 * The first day on which customers bought under new ids: hardly anybody bought both before and since, while of days shortly before and
 * after it this is true of hundreds.
 * @param columns customers as of `asOf`, in calendar days
 * @returns in days since 1970-01-01, UTC; undefined where ids have stayed
 */
export function findChangedIds(columns: RfmColumns, asOf: Date): number | undefined {
  const { first, across } = customersAcross(columns, asOf);
  const peakBefore = peaks(across);
  const peakAfter = peaks(across.toReversed()).toReversed();
  let changed: number | undefined;
  let lowest = mostLeft;
  for (const [day, count] of across.entries()) {
    const beside = Math.min(peakBefore[day]!, peakAfter[day]!);
    if (beside < leastBeside || count > lowest * beside) continue;
    // The last of equal days: nothing was bought between them.
    changed = first + day;
    lowest = count / beside;
  }
  return changed;
}

/** For each day since the first purchase: how many customers have bought before it, and again on it or later. */
function customersAcross({ age, recency }: RfmColumns, asOf: Date): { first: number; across: readonly number[] } {
  const oldest = age.reduce((most, days) => Math.max(most, days), 0);
  const first = firstDayOf(oldest, asOf);
  const changes = Array.from({ length: dayNumber(asOf) - first + 2 }, () => 0);
  for (const [i, days] of age.entries()) {
    const begin = firstDayOf(days, asOf) - first;
    changes[begin + 1]! += 1;
    changes[begin + recency[i]! + 1]! -= 1;
  }
  let count = 0;
  return { first, across: changes.slice(0, -1).map((change) => (count += change)) };
}

/** For each day, the largest number of the `besideDays` before it. */
const peaks = (across: readonly number[]): number[] =>
  across.map((_, day) => across.slice(Math.max(0, day - besideDays), day).reduce((most, n) => Math.max(most, n), 0));

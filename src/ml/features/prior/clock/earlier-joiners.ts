import { dayNumber } from '../../../../days.js';
import { rowsOf } from '../rfm-summary.js';
import { calendarCells, type CellOptions, isWithin } from './calendar-cells.js';
import { fitCalendarRates } from './calendar-rates.js';
import { firstDayOf } from './purchase-clock.js';
import type { SeenPurchases } from './seen-purchases.js';
import type { ShopClock } from './shop-clock.js';

/** Customers who came so many days before a change, or sooner, are no newcomers since then. */
const newcomerDays = 56;

/** How many times as often those have bought since a day who had come before it: newcomers since then may be of another kind. */
export function timesOfEarlierJoiners(
  day: number,
  shop: ShopClock,
  seen: SeenPurchases,
  options?: CellOptions,
): number {
  const cells = calendarCells(shop, joinedBefore(day - newcomerDays, seen), [day], options);
  return fitCalendarRates(cells, { groupOf: isWithin({ from: day, to: dayNumber(seen.asOf) }) }).factors[1]!;
}

function joinedBefore(day: number, { columns, repeats, asOf }: SeenPurchases): SeenPurchases {
  const rows = Array.from(columns.age.keys()).filter((i) => firstDayOf(columns.age[i]!, asOf) < day);
  return { columns: rowsOf(columns, rows), repeats: repeats.filter(({ firstDay }) => firstDay < day), asOf };
}

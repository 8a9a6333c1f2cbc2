import { dayMs } from '../../../../../src/days.js';
import { toRfmColumns, type RfmColumns, type RfmSummary } from '../../../../../src/ml/features/prior/rfm-summary.js';
import type { RepeatPurchases } from '../../../../../src/ml/features/repeat-purchases.js';
import { Random } from '../../../../../src/random.js';

export const asOf = new Date('2019-12-23');
export const now = asOf.getTime() / dayMs;
/** Days of history, and those that come after the as-of date. */
const history = 720;
export const horizon = 180;

/** Days since the as-of date, or since the customer's first purchase; how busy everybody, or that customer, is then. */
export type Pace = (day: number, tenure: number, customer: number) => number;

export interface PacedShop {
  readonly columns: RfmColumns;
  readonly repeats: readonly RepeatPurchases[];
  /** Purchases within the horizon. */
  readonly next: number;
}

/** Gamma rates, acquired all along; a tenth leaves after each purchase, or all after so many days on average. */
export function pacedShop(pace: Pace, acquiredDays = history, days = history, staysDays?: number): PacedShop {
  const random = new Random('a pace of its own');
  const rows: RfmSummary[] = [];
  const repeats: RepeatPurchases[] = [];
  let next = 0;
  for (let i = 0; i < 3_000; i++) {
    const age = days - random.integer(acquiredDays);
    const rate = random.gamma(0.8, 30);
    const stays = staysDays === undefined ? Infinity : random.exponential(random.gamma(2, staysDays));
    let [frequency, recency, alive] = [0, 0, true];
    for (let day = 1; day < Math.min(age + horizon, stays) && alive; day++) {
      if (random.uniform() >= rate * pace(day - age, day, i)) continue;
      alive = staysDays !== undefined || random.uniform() >= 0.1;
      if (day >= age) {
        next++;
        continue;
      }
      frequency++;
      recency = day;
      repeats.push({ firstDay: now - age, day: now - age + day, count: 1 });
    }
    rows.push({ frequency, recency, age, monetary: frequency > 0 ? 10 : 0, firstValue: 10 });
  }
  return { columns: toRfmColumns(rows), repeats, next };
}

import { dayMs, yearDays } from '../../../../../src/days.js';
import { toRfmColumns, type RfmColumns, type RfmSummary } from '../../../../../src/ml/features/prior/rfm-summary.js';
import type { SeenPurchases } from '../../../../../src/ml/features/prior/clock/seen-purchases.js';
import type { RepeatPurchases } from '../../../../../src/ml/features/repeat-purchases.js';
import { Random } from '../../../../../src/random.js';

export const asOf = new Date('2019-12-23');
export const now = asOf.getTime() / dayMs;
/** Days of history, and those that come after the as-of date. */
const history = 720;
export const horizon = 180;

/** Days since the as-of date, or since the customer's first purchase; how busy everybody, or that customer, is then. */
export type Pace = (day: number, tenure: number, customer: number) => number;

export const risen =
  (ago: number, times: number): Pace =>
  (day) =>
    day < -ago ? 1 / times : 1;

/** As a gift shop's: busy for two of twelve months, the last of which ended so many days ago in this year. */
export const busyUntil =
  (daysAgo: number): Pace =>
  (day) => {
    const months = ((((day + daysAgo) / yearDays) % 1) + 1) * 12;
    return [0.9, 0.45, 0.4, 0.45, 0.5, 0.5, 0.5, 0.5, 0.5, 0.55, 0.65, 0.95][Math.floor(months) % 12]!;
  };

/** Three times as busy from November to the end of the year. */
export const winter: Pace = (day) => (new Date((now + day) * dayMs).getUTCMonth() >= 10 ? 1 : 1 / 3);

export const together =
  (...paces: readonly Pace[]): Pace =>
  (...at) =>
    paces.reduce((product, pace) => product * pace(...at), 1);

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

/** As many purchases as are expected: of so many customers on each day of history, or of its first part. */
export function expectedShop(rate: Pace, days: number, { acquiredPart = 1, customers = 50 } = {}): SeenPurchases {
  const ages = Array.from({ length: Math.round(days * acquiredPart) }, (_, i) => days - i);
  const columns = toRfmColumns(ages.map((age) => ({ age, frequency: 0, recency: 0, monetary: 0, firstValue: 10 })));
  const repeats = ages.flatMap((age) =>
    Array.from({ length: age - 1 }, (_, i) => i + 1).map((tenure) => ({
      firstDay: now - age,
      day: now - age + tenure,
      count: 0.02 * customers * rate(tenure - age, tenure, age),
    })),
  );
  return { columns, repeats, asOf };
}

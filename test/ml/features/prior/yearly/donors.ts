import { dayMs } from '../../../../../src/days.js';
import { toRfmColumns, type RfmColumns, type RfmSummary } from '../../../../../src/ml/features/prior/rfm-summary.js';
import type { RepeatPurchases } from '../../../../../src/ml/features/repeat-purchases.js';
import { Random } from '../../../../../src/random.js';

/** Beta parameters of the chance to give in a year, and of that to leave before it. */
export const donorChances = { gives: [1.2, 0.75], leaves: [0.65, 2.8] } as const;

interface Donors {
  readonly firstYear: number;
  readonly years: number;
  /** Of how many years donors come. */
  readonly cohorts: number;
  readonly donors: number;
  /** Every tenth gives each month of a year in which they give. */
  readonly monthly?: boolean;
}

/** Days of gifts, since 1970-01-01, of each donor: one a year at most, two thirds of them in November and December. */
export function giftDays({ firstYear, years, cohorts, donors, monthly }: Donors, seed: string): number[][] {
  return Array.from({ length: donors }, (_, i) => {
    const random = new Random(`${seed}/${i}`);
    const [gives, leaves] = [random.beta(...donorChances.gives), random.beta(...donorChances.leaves)];
    const days: number[] = [];
    const joined = random.integer(cohorts);
    for (let year = joined; year < years; year++) {
      if (year > joined && random.uniform() < leaves) break;
      if (year > joined && random.uniform() >= gives) continue;
      const begin = Date.UTC(firstYear + year, 0, 1) / dayMs;
      if (monthly && i % 10 === 0) days.push(...Array.from({ length: 12 }, (__, month) => begin + 15 + 30 * month));
      else days.push(begin + (random.uniform() < 2 / 3 ? 304 + random.integer(61) : random.integer(304)));
    }
    return days;
  });
}

export interface DonorsAt {
  readonly columns: RfmColumns;
  readonly repeats: RepeatPurchases[];
  /** Gifts in the horizon. */
  readonly gifts: readonly number[];
}

export function donorsAt(donors: readonly number[][], asOf: Date, horizonDays: number): DonorsAt {
  const now = asOf.getTime() / dayMs;
  const rows: RfmSummary[] = [];
  const repeats: RepeatPurchases[] = [];
  const gifts: number[] = [];
  for (const days of donors) {
    const before = days.filter((day) => day < now);
    const [firstDay, ...later] = before;
    if (firstDay === undefined) continue;
    rows.push({
      frequency: later.length,
      recency: before.at(-1)! - firstDay,
      age: now - firstDay,
      monetary: later.length > 0 ? 20 : 0,
      firstValue: 20,
    });
    repeats.push(...later.map((day) => ({ firstDay, day, count: 1 })));
    gifts.push(days.filter((day) => day >= now && day < now + horizonDays).length);
  }
  return { columns: toRfmColumns(rows), repeats, gifts };
}

import { dayMs } from '../../../days.js';
import { sum } from '../../../math.js';
import type { RepeatPurchases } from '../repeat-purchases.js';
import { historyOf, tellsCalendar } from './learn-sales-season.js';
import { cohortDays, cohortOf, type Newcomers } from './newcomers.js';
import type { RfmColumns } from './rfm-summary.js';
import { type ShopClock, shopLength } from './shop-clock.js';

/** Of this part of history customers are newcomers, so that twice as long a time tells what is usual; at most a year. */
const newestPart = 1 / 3;
const longestDays = 365;
const weekDays = 7;
/** Fewer customers tell next to nothing of their cohort. */
const fewestCustomers = 20;
/** Ratios lie within: a factor of 8 either way. */
const farthest = 8;
/** Standard deviations by which the cohorts must be farther from the others than chance brings: else all are alike. */
const beyondChance = 3;

/** Repeat purchases of a cohort: those that were made, those of as many earlier customers at their age, and their variance. */
interface Cohort {
  customers: number;
  made: number;
  usual: number;
  variance: number;
}

interface UsualPurchases {
  /** Repeat purchases of an earlier customer up to an age, given in calendar days as of now. */
  readonly upTo: (age: number) => number;
  /** Purchases that tell it. */
  readonly seen: number;
}

/**
 * Whether those who came lately buy more or less often than earlier customers did at the same age: indirect standardisation by
 * weeks of age (Breslow & Day 1987, "Statistical Methods in Cancer Research" II, ch. 2), so that no habit that comes with age is
 * taken for one of a cohort. Ratios are drawn towards 1 as far as their spread may be error (DerSimonian & Laird 1986).
 *
 * @param columns customers as of `asOf`, in calendar days
 * @param repeats their repeat purchases before it
 * @param shop clock on which the calendar makes no difference
 * @returns null where history is too short to tell, or where they are alike as far as chance goes
 */
export function learnNewcomers(
  columns: RfmColumns,
  repeats: readonly RepeatPurchases[],
  shop: ShopClock,
  asOf: Date,
): Pick<Newcomers, 'since' | 'ratios'> | null {
  if (!tellsCalendar(columns)) return null;
  const now = Math.floor(asOf.getTime() / dayMs);
  const count = Math.floor(Math.min(longestDays, historyOf(columns) * newestPart) / cohortDays);
  const since = now - count * cohortDays;
  const usual = usualPurchases(columns, repeats, shop, { now, since });
  const cohorts: Cohort[] = Array.from({ length: count }, () => ({ customers: 0, made: 0, usual: 0, variance: 0 }));
  const alike = { since, ratios: cohorts.map(() => 1) };
  columns.age.forEach((age, i) => {
    if (now - age < since) return;
    const cohort = cohorts[cohortOf(alike, now - age)]!;
    const made = columns.frequency[i]!;
    cohort.customers++;
    cohort.made += made;
    cohort.usual += usual.upTo(age);
    cohort.variance += (made - usual.upTo(age)) ** 2;
  });
  const ratios = shrunkenRatios(cohorts, usual.seen);
  return ratios && { since, ratios };
}

function usualPurchases(
  { age: ages }: RfmColumns,
  repeats: readonly RepeatPurchases[],
  shop: ShopClock,
  { now, since }: { readonly now: number; readonly since: number },
): UsualPurchases {
  const weeks = Math.ceil(shopLength(shop, since, now) / weekDays) + 1;
  const made = new Float64Array(weeks);
  const lived = new Float64Array(weeks);
  const within = (length: number, week: number) => Math.max(0, Math.min(weekDays, length - week * weekDays));
  for (const { firstDay, day, count } of repeats) {
    const week = Math.floor(shopLength(shop, firstDay, day) / weekDays);
    if (firstDay < since && week < weeks) made[week]! += count;
  }
  const earlier = new Map<number, number>();
  for (const age of ages) if (now - age < since) earlier.set(age, (earlier.get(age) ?? 0) + 1);
  for (const [age, customers] of earlier) {
    const length = shopLength(shop, now - age, now);
    for (let week = 0; week < weeks; week++) lived[week]! += customers * within(length, week);
  }
  const rates = made.map((purchases, week) => (lived[week]! > 0 ? purchases / lived[week]! : 0));
  const known = new Map<number, number>();
  const upTo = (age: number) => {
    const length = shopLength(shop, now - age, now);
    const purchases = known.get(age) ?? rates.reduce((total, rate, week) => total + rate * within(length, week), 0);
    known.set(age, purchases);
    return purchases;
  };
  return { upTo, seen: made.reduce((total, purchases) => total + purchases, 0) };
}

function shrunkenRatios(cohorts: readonly Cohort[], seen: number): number[] | null {
  if (seen === 0) return null;
  // Customers differ, so that purchases vary more than counts do; those that tell the usual ones vary so, too.
  const dispersion = sum(cohorts.map(({ variance }) => variance)) / sum(cohorts.map(({ usual }) => usual));
  const told = cohorts.map(({ customers, made, usual, variance }) => {
    if (customers < fewestCustomers || usual === 0) return { surplus: 0, weight: 0 };
    // Of rare purchases the variance that was seen is too small by chance: at least it is that of counts.
    const error = Math.max(variance, usual) / usual ** 2 + dispersion / seen;
    return { surplus: made / usual - 1, weight: 1 / error };
  });
  const counted = told.filter(({ weight }) => weight > 0).length;
  const distance = sum(told.map(({ surplus, weight }) => weight * surplus ** 2));
  if (counted === 0 || distance < counted + beyondChance * Math.sqrt(2 * counted)) return null;
  const spread = (distance - counted) / sum(told.map(({ weight }) => weight));
  return told.map(({ surplus, weight }) => {
    const ratio = 1 + (surplus * spread * weight) / (spread * weight + 1);
    return Math.min(farthest, Math.max(1 / farthest, ratio));
  });
}

import { dayMs, yearDays } from '../../../days.js';
import { sum } from '../../../math.js';
import type { RepeatPurchases } from '../repeat-purchases.js';
import { historyOf, tellsCalendar } from './learn-sales-season.js';
import { cohortDays, cohortOf, type Newcomers } from './newcomers.js';
import type { RfmColumns } from './rfm-summary.js';
import type { ShopClock } from './shop-clock.js';
import { type UsualPurchases, usualPurchases } from './usual-purchases.js';

/** Of this part of history customers are newcomers, so that twice as long a time tells what is usual; at most a year. */
const newestPart = 1 / 3;
const longestDays = 365;
/** Fewer customers tell next to nothing of their cohort, and fewer purchases of what is usual. */
const fewestCustomers = 20;
const fewestPurchases = 30;
/** Days in the year by which first purchases of the same time of it may be apart. */
const seasonDays = 45;
const smallestRatio = 1 / 8;
/** Standard deviations by which the cohorts must be farther below the others than chance brings: else all are alike. */
const beyondChance = 5;

/** Repeat purchases of a cohort: those that were made, those of as many earlier customers at their age, and their variance. */
interface Cohort {
  readonly like: UsualPurchases;
  customers: number;
  made: number;
  usual: number;
  variance: number;
}

const newCohort = (like: UsualPurchases): Cohort => ({ like, customers: 0, made: 0, usual: 0, variance: 0 });

/**
 * Whether those who came lately buy less often than earlier customers did at the same age: indirect standardisation by weeks of
 * age (Breslow & Day 1987, "Statistical Methods in Cancer Research" II, ch. 2), so that no habit that comes with age is taken for
 * one of a cohort. They are compared with those who came at the same time of the year, since who comes at Christmas may buy at
 * Christmas only; with all where these are few and no season is known. Ratios are drawn towards 1 as far as their spread may be
 * error (DerSimonian & Laird 1986). Who buys more often tells it by purchases; silence alone tells little.
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
  const usualOf = (counts: (firstDay: number) => boolean) =>
    usualPurchases(columns, repeats, shop, { now, longest: now - since, counts });
  const earlier = usualOf((firstDay) => firstDay < since);
  const cohorts = Array.from({ length: count }, (_, i) => {
    const middle = since + (i + 0.5) * cohortDays;
    const ofSeason = usualOf((firstDay) => firstDay < since && isOfSeason(firstDay, middle));
    return newCohort(shop.season || ofSeason.seen >= fewestPurchases ? ofSeason : earlier);
  });
  const alike = { since, ratios: cohorts.map(() => 1) };
  columns.age.forEach((age, i) => {
    if (now - age < since) return;
    const cohort = cohorts[cohortOf(alike, now - age)]!;
    const made = columns.frequency[i]!;
    const usual = cohort.like.upTo(age);
    cohort.customers++;
    cohort.made += made;
    cohort.usual += usual;
    cohort.variance += (made - usual) ** 2;
  });
  const ratios = shrunkenRatios(cohorts);
  return ratios && { since, ratios };
}

/** Whether two days, since 1970-01-01, are of the same time of the year. */
function isOfSeason(day: number, other: number): boolean {
  const apart = Math.abs(day - other) % yearDays;
  return Math.min(apart, yearDays - apart) <= seasonDays;
}

function shrunkenRatios(cohorts: readonly Cohort[]): number[] | null {
  // Customers differ, so that purchases vary more than counts do; those that tell the usual ones vary so, too.
  const dispersion = sum(cohorts.map(({ variance }) => variance)) / sum(cohorts.map(({ usual }) => usual));
  const told = cohorts.map(({ like, customers, made, usual, variance }) => {
    if (customers < fewestCustomers || like.seen < fewestPurchases) return { missing: 0, weight: 0 };
    // Of rare purchases the variance that was seen is too small by chance: at least it is that of counts.
    const error = Math.max(variance, usual) / usual ** 2 + dispersion / like.seen;
    return { missing: Math.max(0, 1 - made / usual), weight: 1 / error };
  });
  const counted = told.filter(({ weight }) => weight > 0).length;
  const fewer = told.filter(({ missing }) => missing > 0);
  const distance = sum(fewer.map(({ missing, weight }) => weight * missing ** 2));
  // By chance half of the cohorts are below the others, each by a squared standard deviation on average.
  const byChance = counted / 2;
  if (fewer.length === 0 || distance < byChance + beyondChance * Math.sqrt(1.25 * counted)) return null;
  const spread = (distance - byChance) / sum(fewer.map(({ weight }) => weight));
  return told.map(({ missing, weight }) =>
    Math.max(smallestRatio, 1 - (missing * spread * weight) / (spread * weight + 1)),
  );
}

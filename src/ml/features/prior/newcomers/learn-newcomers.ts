import { dayNumber, yearDays } from '../../../../days.js';
import { sum } from '../../../../math.js';
import type { RepeatPurchases } from '../../repeat-purchases.js';
import { bisect } from '../fitting/bisect.js';
import { historyOf, tellsCalendar } from '../history.js';
import { cohortDays, cohortOf } from './newcomers.js';
import type { BtydPrior } from '../fit-prior.js';
import { purchaseProbabilityIfAlive } from '../purchases/purchase-model.js';
import { firstDayOf, type PurchaseClock, timeSinceFirst } from '../clock/purchase-clock.js';
import type { RfmColumns } from '../rfm-summary.js';
import { type Arrival, arrivalsOf, type UsualComebacks, usualComebacks } from './usual-comebacks.js';

/** Of this part of history customers are newcomers, so that twice as long a time tells what is usual. */
const newestPart = 1 / 3;
/** Fewer tell next to nothing: customers of their cohort, and comebacks of what is usual. */
const fewestCustomers = 20;
const fewestComebacks = 30;
/** Days in the year by which first purchases of the same time of it may be apart. */
const seasonDays = 15;
const smallestRatio = 1 / 8;
/** Standard deviations by which the cohorts must be farther below the others than chance brings: else all are alike. */
const beyondChance = 3;
const halvings = 24;

/** Newcomers by `cohortDays` of their first purchases, from the day `since` on. */
export interface ToldNewcomers {
  readonly since: number;
  /** Those who have come back, over those of as many earlier customers in the same time. At most 1. */
  readonly shares: readonly number[];
  /** How many times as often the earlier ones would buy if as few of them had. At most 1. */
  readonly paces: readonly number[];
}

/** Newcomers of one day: how many, days of usual customers' time since then, how many came back, and when those like them did. */
interface Newcomers {
  readonly customers: number;
  readonly length: number;
  readonly cameBack: number;
  readonly like: UsualComebacks;
}

/**
 * Whether fewer of those who came lately have come back than of earlier customers in the same time after their first purchase
 * (indirect standardisation: Breslow & Day 1987, "Statistical Methods in Cancer Research" II, ch. 2), so that no habit that
 * comes with age is taken for one of a cohort. They are compared with those who came at the same time of the year, since who
 * comes at Christmas may buy at Christmas only; with all where these are few and no season is known. Ratios are drawn towards 1
 * as far as their spread may be error (DerSimonian & Laird 1986). Who buys more often tells it by purchases; silence alone
 * tells little.
 *
 * @param columns customers as of `asOf`, in calendar days
 * @param comebacks their second purchase days before it
 * @param clock on which neither the calendar nor the time as a customer makes a difference
 * @param told the prior of all, or of the earlier ones; natural log of what each customer's attributes multiply their rate by, so
 * that it is no cohort's
 * @returns null where history is too short to tell, or where they are alike as far as chance goes
 */
export function learnNewcomers(
  columns: RfmColumns,
  comebacks: readonly RepeatPurchases[],
  clock: PurchaseClock,
  asOf: Date,
  { prior, logPace }: { readonly prior?: BtydPrior; readonly logPace?: Float64Array } = {},
): ToldNewcomers | null {
  const since = newcomersSince(columns, asOf);
  if (since === null) return null;
  const now = dayNumber(asOf);
  const count = (now - since) / cohortDays;
  const arrivals = arrivalsOf({ age: columns.age, ...(logPace && { logPace }) }, comebacks, clock, now);
  const earlier = arrivals.filter(({ firstDay }) => firstDay < since);
  // Of newcomers who buy faster by their attributes, a longer time tells what is usual.
  const longest = timeSinceFirst(clock, logPace ? now - historyOf(columns) : since, now);
  const usual = likeArrivals(earlier, longest);
  const cohorts: Newcomers[][] = Array.from({ length: count }, () => []);
  for (const { firstDay, customers, length, logPace: pace, comebacks: back } of arrivals) {
    if (firstDay < since) continue;
    const ofSeason = likeArrivals(
      earlier.filter((other) => isOfSeason(other.firstDay, firstDay)),
      longest,
    );
    const like = clock.season || ofSeason.seen >= fewestComebacks ? ofSeason : usual;
    if (like.seen < fewestComebacks) continue;
    const inTheirTime = length * Math.exp(pace - like.logPace);
    const newcomers = { customers, length: inTheirTime, cameBack: sum(back.map((each) => each.count)), like };
    cohorts[cohortOf(firstDay, since, count)]!.push(newcomers);
  }
  const shares = shrunkenShares(cohorts);
  return shares && { since, shares, paces: cohorts.map((cohort, i) => paceOfShare(cohort, shares[i]!, prior)) };
}

/**
 * The first day, since 1970-01-01, of those who came lately.
 * @returns null where history is too short to tell how they differ
 */
export function newcomersSince(columns: RfmColumns, asOf: Date): number | null {
  if (!tellsCalendar(columns)) return null;
  const cohorts = Math.floor((historyOf(columns) * newestPart) / cohortDays);
  return firstDayOf(cohorts * cohortDays, asOf);
}

/** When customers like these came back, and their mean `logPace`. */
function likeArrivals(arrivals: readonly Arrival[], longest: number): UsualComebacks & Pick<Arrival, 'logPace'> {
  const customers = sum(arrivals.map((arrival) => arrival.customers));
  const logPaces = sum(arrivals.map((arrival) => arrival.customers * arrival.logPace));
  return { ...usualComebacks(arrivals, longest), logPace: customers > 0 ? logPaces / customers : 0 };
}

/** Whether two days, since 1970-01-01, are of the same time of the year. */
function isOfSeason(day: number, other: number): boolean {
  const apart = Math.abs(day - other) % yearDays;
  return Math.min(apart, yearDays - apart) <= seasonDays;
}

/** How many would have come back as usual, but at that pace. */
const usuallyBack = (cohort: readonly Newcomers[], pace = 1, prior?: BtydPrior): number =>
  sum(
    cohort.map(
      ({ customers, length, like }) =>
        customers * like.within(pace * length) * stayingFactor(prior, pace, pace * length),
    ),
  );

/**
 * In time that runs at a pace all is slower, leaving included. Who buys more slowly, but leaves no later, comes back less often: so
 * many times, by the prior.
 */
function stayingFactor(prior: BtydPrior | undefined, pace: number, length: number): number {
  if (!prior?.leavesWithTime || length === 0) return 1;
  const times = { age: 0, t: length / prior.timeUnitDays, slow: 0 };
  const inTime = purchaseProbabilityIfAlive(prior, 0, times, { ...times, t: times.t / pace });
  return inTime / purchaseProbabilityIfAlive(prior, 0, times);
}

function shrunkenShares(cohorts: readonly (readonly Newcomers[])[]): number[] | null {
  const told = cohorts.map((cohort) => {
    const usual = usuallyBack(cohort);
    const size = sum(cohort.map(({ customers }) => customers));
    if (size < fewestCustomers || usual === 0) return { missing: 0, weight: 0 };
    const back = sum(cohort.map(({ cameBack }) => cameBack));
    const chances = cohort.map(({ customers, length, like }) => ({ customers, like, chance: like.within(length) }));
    const ofChance = sum(chances.map(({ customers, chance }) => customers * chance * (1 - chance)));
    const ofUsual = usual * sum(chances.map(({ customers, like, chance }) => (customers * chance) / like.seen));
    // Below one comeback nobody is missed.
    return { missing: Math.max(0, 1 - back / usual), weight: usual ** 2 / Math.max(ofChance + ofUsual, 1) };
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

function paceOfShare(cohort: readonly Newcomers[], share: number, prior: BtydPrior | undefined): number {
  if (share === 1) return 1;
  const back = share * usuallyBack(cohort);
  const [low, high] = bisect(smallestRatio, 1, halvings, (pace) => usuallyBack(cohort, pace, prior) < back);
  return (low + high) / 2;
}

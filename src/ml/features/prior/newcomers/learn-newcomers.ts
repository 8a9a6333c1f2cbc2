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

/** Who came in this newest part of history is a newcomer. The two thirds before it tell what is usual. */
const newestPart = 1 / 3;
/** Fewer tell next to nothing: customers of their cohort, and comebacks of what is usual. */
const fewestCustomers = 20;
const fewestComebacks = 30;
/** Days in the year by which first purchases of the same time of it may be apart. */
const seasonDays = 15;
const smallestRatio = 1 / 8;
/** Standard deviations beyond chance by which the cohorts together must differ; else they are taken for alike. */
const beyondChance = 3;
const halvings = 24;

/** What was learnt of each cohort of newcomers; see `Newcomers`. */
interface ToldNewcomers {
  /** How many have bought again, over how many of as many earlier customers had in the same time. At most 1. */
  readonly shares: readonly number[];
  /** At what multiple of their rate of purchases as few of the earlier ones would have bought again. At most 1. */
  readonly paces: readonly number[];
}

/** Newcomers of one day: how many, days since then on the clock, how many have bought again, and how soon comparable ones do. */
interface Newcomers {
  readonly customers: number;
  readonly length: number;
  readonly cameBack: number;
  readonly like: UsualComebacks;
}

/**
 * Whether fewer of the newcomers have bought again than earlier customers had in the same time after their first purchase (indirect
 * standardisation: Breslow & Day 1987, "Statistical Methods in Cancer Research" II, ch. 2). Comparing equal ages keeps habits that come
 * with age from being taken for those of a cohort. Newcomers are compared with customers who came at the same time of the year, since
 * who comes at Christmas may buy at Christmas only; with all earlier ones where these are few and no season is known. Ratios are shrunk
 * towards 1 as far as chance explains that they differ (DerSimonian & Laird 1986). Newcomers who buy more often than others are not
 * looked for: their purchases show it.
 *
 * @param columns customers as of `asOf`, in calendar days
 * @param comebacks their second purchase days before it
 * @param clock on which neither the calendar nor the time as a customer makes a difference
 * @param prior of all customers, or of the earlier ones; where these leave with time, a pace is learnt by it
 * @param logPace natural log of what each customer's attributes multiply their rate by: such a difference is not one of cohorts
 * @returns null where history is too short to tell, or where nothing beyond chance differs
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
  // Newcomers who buy faster by their attributes are compared with others after a longer time.
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
  return shares && { shares, paces: cohorts.map((cohort, i) => paceOfShare(cohort, shares[i]!, prior)) };
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

/** How soon customers of these days bought again, and their mean `logPace`. */
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

/** How many of a cohort would have bought again if they were like the earlier customers, but for their pace. */
const usuallyBack = (cohort: readonly Newcomers[], pace = 1, prior?: BtydPrior): number =>
  sum(
    cohort.map(
      ({ customers, length, like }) =>
        customers * like.within(pace * length) * stayingFactor(prior, pace, pace * length),
    ),
  );

/**
 * `UsualComebacks.within(pace * time)` slows down leaving as well as buying. Customers who leave with time and buy more slowly do not
 * leave later, so that fewer of them buy again.
 * @param length days on the clock, at that pace
 * @returns what the probability of having bought again is to be multiplied by, according to the prior; 1 where they leave at purchases
 */
function stayingFactor(prior: BtydPrior | undefined, pace: number, length: number): number {
  if (!prior?.leavesWithTime || length === 0) return 1;
  const times = { age: 0, t: length / prior.timeUnitDays, slow: 0 };
  const inTime = purchaseProbabilityIfAlive(prior, 0, times, { ...times, t: times.t / pace });
  return inTime / purchaseProbabilityIfAlive(prior, 0, times);
}

/** `ToldNewcomers.shares` of the cohorts; null where nothing beyond chance differs. */
function shrunkenShares(cohorts: readonly (readonly Newcomers[])[]): number[] | null {
  const told = cohorts.map((cohort) => {
    const usual = usuallyBack(cohort);
    const size = sum(cohort.map(({ customers }) => customers));
    if (size < fewestCustomers || usual === 0) return { missing: 0, weight: 0 };
    const back = sum(cohort.map(({ cameBack }) => cameBack));
    const chances = cohort.map(({ customers, length, like }) => ({ customers, like, chance: like.within(length) }));
    const ofChance = sum(chances.map(({ customers, chance }) => customers * chance * (1 - chance)));
    const ofUsual = usual * sum(chances.map(({ customers, like, chance }) => (customers * chance) / like.seen));
    // The variance is at least that of one comeback.
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

/** The pace at which this share of the usual comebacks is to be expected. */
function paceOfShare(cohort: readonly Newcomers[], share: number, prior: BtydPrior | undefined): number {
  if (share === 1) return 1;
  const back = share * usuallyBack(cohort);
  const [low, high] = bisect(smallestRatio, 1, halvings, (pace) => usuallyBack(cohort, pace, prior) < back);
  return (low + high) / 2;
}

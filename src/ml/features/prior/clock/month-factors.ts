import { monthsInYear } from '../../../../days.js';
import { clamp, mean, sum } from '../../../../math.js';
import { bisect } from '../fitting/bisect.js';

/** Purchases at the model's own rate that each month is given beforehand: a month seldom seen stays near 1. */
const priorPurchases = 30;
/** Purchases expected of one month of one year, below which their logarithm tells nothing. */
const leastExpected = 5;
/** Least share of the variance between months that must be more than chance: booms had up to 0.7, seasons 0.75 to 0.99. */
const leastReliability = 0.75;
const turns = 20;
const halvings = 30;
const largestTau2 = 4;

/** One calendar month of one year. */
export interface MonthSeen {
  /** 0 for January. */
  readonly month: number;
  readonly actual: number;
  /** What the model expects, with the season as known so far. */
  readonly expected: number;
}

/** The season's factors, all years taken together: nothing else can be told where most months were seen only once. */
export function pooledFactors(season: readonly number[], months: readonly MonthSeen[]): number[] {
  return season.map((factor, month) => {
    const ofMonth = months.filter((seen) => seen.month === month);
    const actual = ofMonth.reduce((sum, seen) => sum + seen.actual, priorPurchases);
    const expected = ofMonth.reduce((sum, seen) => sum + seen.expected, priorPurchases);
    return (factor * actual) / expected;
  });
}

/**
 * The season's factors that the years agree on; null where they agree on none. The log of actual over expected purchases of a month of
 * one year is modelled as an effect of the month, an effect of the year (twelve months, counted back from now), and a random effect of
 * variance tau^2 (Paule & Mandel 1982, "Consensus values and weighting factors", equation 8). So a boom at the end of the largest year
 * counts as one year among others. The months' effects are then shrunk towards their mean, as far as chance and tau^2 explain that
 * they differ (empirical Bayes).
 * @param months the newest last, none left out
 */
export function agreedFactors(season: readonly number[], months: readonly MonthSeen[]): number[] | null {
  const told = months
    .map((seen, i) => ({ ...seen, yearsBack: Math.floor((months.length - 1 - i) / monthsInYear) }))
    .filter(({ expected }) => expected >= leastExpected)
    .map(({ month, yearsBack, actual, expected }) => ({
      month,
      yearsBack,
      log: Math.log((season[month]! * (actual + 0.5)) / (expected + 0.5)),
      variance: 1 / (actual + 0.5),
    }));
  const means = [...effectsOf(told, varianceBeyondChance(told)).ofMonths];
  const overall = mean(means.map(([, { effect }]) => effect));
  const spread = means.reduce((sum, [, { effect }]) => sum + (effect - overall) ** 2, 0) / (means.length - 1);
  const betweenMonths = spread - mean(means.map(([, { variance }]) => variance));
  if (!(betweenMonths >= leastReliability * spread && spread > 0)) return null;
  const logs = season.map(() => overall);
  for (const [month, { effect, variance }] of means) {
    logs[month] = overall + (betweenMonths / (betweenMonths + variance)) * (effect - overall);
  }
  return logs.map(Math.exp);
}

/**
 * The same months with the trend from year to year added to what is expected of them. Where later customers are worse than earlier ones
 * (or better), or a cohort ages otherwise than the model says, less (or more) is bought in the last months of each year than in its
 * first ones, which would look like a season. The trend is that of whole years, as in classical decomposition (Hyndman &
 * Athanasopoulos 2021, "Forecasting: Principles and Practice", section 3.4): in logs, linear from the middle of one year to the middle
 * of the next.
 * @param months the newest last, none left out; more than a year
 */
export function withoutTrend(months: readonly MonthSeen[]): MonthSeen[] {
  const levels = levelsByYear(months);
  return months.map((seen, i) => {
    // The place of the month, in years back from the middle of the newest year.
    const place = (months.length - 1 - i - (monthsInYear - 1) / 2) / monthsInYear;
    const from = clamp(Math.floor(place), 0, levels.length - 2);
    const level = levels[from]! + (place - from) * (levels[from + 1]! - levels[from]!);
    return { ...seen, expected: seen.expected * Math.exp(level) };
  });
}

/**
 * `levelOf` the newest twelve months, of the twelve before, and so on; at least two levels. In less than two years the second is the first
 * one plus the change of those months that were seen twice.
 */
function levelsByYear(months: readonly MonthSeen[]): number[] {
  const levels = Array.from({ length: Math.floor(months.length / monthsInYear) }, (_, back) => {
    const end = months.length - back * monthsInYear;
    return levelOf(months.slice(end - monthsInYear, end));
  });
  if (levels.length > 1) return levels;
  const [first, again] = [months.slice(0, -monthsInYear), months.slice(monthsInYear)];
  return [levels[0]!, levels[0]! + levelOf(first) - levelOf(again)];
}

/** Natural log of what was bought over what was expected. */
function levelOf(months: readonly MonthSeen[]): number {
  return Math.log(
    (sum(months.map(({ actual }) => actual)) + 0.5) / (sum(months.map(({ expected }) => expected)) + 0.5),
  );
}

interface Told {
  readonly month: number;
  readonly yearsBack: number;
  /** Natural log of what would be the month's factor. */
  readonly log: number;
  readonly variance: number;
}

interface Effect {
  readonly effect: number;
  readonly variance: number;
}

/** Additive effects of months and of years, by weighted least squares, one after the other in turn. */
function effectsOf(
  told: readonly Told[],
  tau2: number,
): { ofMonths: Map<number, Effect>; ofYears: Map<number, Effect> } {
  let ofMonths = new Map<number, Effect>();
  let ofYears = new Map<number, Effect>();
  for (let turn = 0; turn < turns; turn++) {
    ofMonths = weightedMeans(told, tau2, (each) => [each.month, each.log - (ofYears.get(each.yearsBack)?.effect ?? 0)]);
    ofYears = weightedMeans(told, tau2, (each) => [each.yearsBack, each.log - ofMonths.get(each.month)!.effect]);
  }
  return { ofMonths, ofYears };
}

function weightedMeans(
  told: readonly Told[],
  tau2: number,
  read: (each: Told) => [key: number, value: number],
): Map<number, Effect> {
  const sums = new Map<number, { weight: number; total: number }>();
  for (const each of told) {
    const [key, value] = read(each);
    const weight = 1 / (each.variance + tau2);
    const sum = sums.get(key) ?? { weight: 0, total: 0 };
    sums.set(key, { weight: sum.weight + weight, total: sum.total + weight * value });
  }
  return new Map([...sums].map(([key, { weight, total }]) => [key, { effect: total / weight, variance: 1 / weight }]));
}

/** tau^2, at which the sum of weighted squared residuals equals the degrees of freedom; 0 where it is smaller without it. */
function varianceBeyondChance(told: readonly Told[]): number {
  const months = new Set(told.map(({ month }) => month)).size;
  const years = new Set(told.map(({ yearsBack }) => yearsBack)).size;
  const degrees = told.length - months - years + 1;
  const exceeds = (tau2: number) => {
    const { ofMonths, ofYears } = effectsOf(told, tau2);
    const squares = told.reduce((sum, { month, yearsBack, log, variance }) => {
      const left = log - ofMonths.get(month)!.effect - ofYears.get(yearsBack)!.effect;
      return sum + left ** 2 / (variance + tau2);
    }, 0);
    return squares > degrees;
  };
  if (degrees <= 0 || !exceeds(0)) return 0;
  const [, high] = bisect(0, largestTau2, halvings, exceeds);
  return high;
}

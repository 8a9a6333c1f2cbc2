import { dayNumber, yearDays } from '../../../../days.js';
import { sum } from '../../../../math.js';
import type { ValuesOfYear } from '../../values-by-year.js';
import { solve } from '../fitting/solve.js';
import { historyOf } from '../history.js';
import type { RfmColumns } from '../rfm-summary.js';
import type { Prices } from './prices.js';

/** Most years that are looked at. */
const mostYears = 10;
/** Years are compared as far back as so many customers bought in each and in the one after it. */
const fewestCustomers = 100;
/** In nats: of one rate for all years, beyond what customers' own changes explain; and of each year more that has a change of its own. */
const leastGain = { ofRate: 10, ofYear: 3 };
/** Mean change of what past purchases are worth. */
const leastChange = 0.02;
/** Most that a rise or fall is expected to go on by, as a log: beyond twice or half as much it may have been a change of the currency. */
const mostAhead = Math.log(2);

/** Whole years of history whose order values can be compared; 0 if there are not two of them, since one shows a season only. */
export function comparableYears(columns: Pick<RfmColumns, 'age'>): number {
  const years = Math.min(Math.floor(historyOf(columns) / yearDays), mostYears);
  return years >= 2 ? years : 0;
}

/**
 * By how much order values have risen or fallen from year to year, from those of the same customers in different years: a regression of
 * their logs on the year with a fixed effect of each customer (Wooldridge, "Econometric Analysis of Cross Section and Panel Data",
 * section 10.5), so that new customers who spend more or less than earlier ones are no change. One rate for all years, unless a change of
 * its own for each is likelier. Undefined where values have stayed.
 */
export function learnPrices(
  values: readonly ValuesOfYear[],
  columns: Pick<RfmColumns, 'age'>,
  asOf: Date,
): Prices | undefined {
  const compared = compareYears(values);
  if (!compared) return undefined;
  const { daysAgo, counts } = compared;
  const [byRate, byYear] = [rateOfAll(compared), changeOfEach(compared)];
  const { logs, score } = byYear.score > byRate.score ? byYear : byRate;
  if (!(score * shareOfOwnSpread(compared, byRate) >= leastGain.ofRate)) return undefined;
  const change = sum(counts.map((count, year) => count * Math.abs(Math.expm1(logs[year]!)))) / sum(counts);
  return change >= leastChange ? throughYears(logs, daysAgo, dayNumber(asOf), historyOf(columns)) : undefined;
}

/** Effects of the years on logs, the newest one's being 0. */
interface YearEffects {
  readonly logs: readonly number[];
  /** Log-likelihood gained, in nats, less what chance would gain. */
  readonly score: number;
}

function rateOfAll(compared: ComparedYears): YearEffects {
  const since = sinceYears(compared);
  const rate = sum(since.map((t, year) => t * compared.right[year]!)) / spreadOf(since, compared);
  const explained = rate ** 2 * spreadOf(since, compared);
  return { logs: since.map((t) => rate * t), score: gainOf(explained, compared) };
}

function changeOfEach(compared: ComparedYears): YearEffects {
  const { matrix, right } = compared;
  const older = right.slice(1);
  const logs = solve(
    matrix.slice(1).map((row) => row.slice(1)),
    Float64Array.from(older),
  );
  const explained = sum(logs.map((log, i) => log * older[i]!));
  return { logs: [0, ...logs], score: gainOf(explained, compared) - leastGain.ofYear * (logs.length - 1) };
}

const gainOf = (explained: number, { squares, freedom }: ComparedYears): number =>
  (-freedom / 2) * Math.log(1 - Math.min(explained / squares, 1 - 1e-9));

/** Of each year's mean day, in years from that of the newest: 0 and below. */
const sinceYears = ({ daysAgo }: ComparedYears): number[] => daysAgo.map((days) => (daysAgo[0]! - days) / yearDays);

/** Sum of squares of what is left of `since` when each customer's mean is taken out. */
const spreadOf = (since: readonly number[], { matrix }: ComparedYears): number =>
  sum(since.map((t, year) => t * sum(since.map((u, other) => u * matrix[year]![other]!))));

/**
 * Of the rate's variance, what there would be if a customer's orders varied independently; at most 1. Where customers themselves come to
 * spend more or less, each in their own way, it is smaller: the variance is that of Arellano 1987 ("Computing Robust Standard Errors for
 * Within-groups Estimators"), whose clusters are the customers.
 */
function shareOfOwnSpread(compared: ComparedYears, { logs }: YearEffects): number {
  const { customers, squares, freedom } = compared;
  const since = sinceYears(compared);
  const spread = spreadOf(since, compared);
  let clustered = 0;
  let explained = 0;
  for (const own of customers) {
    const count = sum(own.map((year) => year.count));
    const means = {
      log: sum(own.map(({ log }) => log)) / count,
      t: sum(own.map(({ year, ...of }) => of.count * since[year]!)) / count,
      effect: sum(own.map(({ year, ...of }) => of.count * logs[year]!)) / count,
    };
    const score = sum(
      own.map(
        ({ year, count, log }) => (since[year]! - means.t) * (log - count * (means.log + logs[year]! - means.effect)),
      ),
    );
    clustered += score ** 2;
    explained += sum(own.map(({ year, count }) => count * (logs[year]! - means.effect) ** 2));
  }
  return Math.min(1, (((squares - explained) / freedom) * spread) / clustered);
}

/** The line through the years' mean days, carried on to the begin of history, by a year at most, and to a year from now. */
function throughYears(logs: readonly number[], daysAgo: readonly number[], now: number, history: number): Prices {
  const knots = logs.map((log, year) => ({ day: now - daysAgo[year]!, log })).toReversed();
  const [oldest, second] = [knots[0]!, knots[1]!];
  const newest = knots.at(-1)!;
  const [before, since] = [rateBetween(oldest, second), rateBetween(knots.at(-2)!, newest)];
  const begin = Math.max(now - history, oldest.day - yearDays);
  const today = { day: now, log: newest.log + since * (now - newest.day) };
  const ahead = Math.max(-mostAhead, Math.min(since * yearDays, mostAhead));
  return [
    { day: begin, log: oldest.log - before * (oldest.day - begin) },
    ...knots,
    today,
    { day: now + yearDays, log: today.log + ahead },
  ];
}

/** Change of the log a day. */
const rateBetween = (from: Prices[number], to: Prices[number]): number => (to.log - from.log) / (to.day - from.day);

interface ComparedYears {
  /** The rows of each customer. */
  readonly customers: readonly (readonly ValuesOfYear[])[];
  /** Normal equations of the years' effects, the customers' taken out; the newest year first. */
  readonly matrix: Float64Array[];
  readonly right: Float64Array;
  /** Of what is left when each customer's mean is taken out. */
  readonly squares: number;
  readonly freedom: number;
  /** By year: mean days before the as-of day, and number of purchases. */
  readonly daysAgo: number[];
  readonly counts: number[];
}

function compareYears(values: readonly ValuesOfYear[]): ComparedYears | null {
  const size = linkedYears(ownYears(values));
  if (size < 2) return null;
  const matrix = Array.from({ length: size }, () => new Float64Array(size));
  const right = new Float64Array(size);
  const counts = Array.from(right);
  const days = Array.from(right);
  let [squares, freedom] = [0, 0];
  const customers = ownYears(values.filter(({ year }) => year < size));
  for (const own of customers) {
    const count = sum(own.map((year) => year.count));
    const mean = sum(own.map(({ log }) => log)) / count;
    squares += sum(own.map(({ square }) => square)) - count * mean ** 2;
    freedom += count - 1;
    for (const one of own) {
      counts[one.year]! += one.count;
      days[one.year]! += one.daysAgo;
      right[one.year]! += one.log - one.count * mean;
      matrix[one.year]![one.year]! += one.count;
      for (const other of own) matrix[one.year]![other.year]! -= (one.count * other.count) / count;
    }
  }
  return { customers, matrix, right, squares, freedom, daysAgo: days.map((sum, year) => sum / counts[year]!), counts };
}

/** The newest years each of which shares enough customers with the one after it. */
function linkedYears(customers: readonly (readonly ValuesOfYear[])[]): number {
  const shared = new Uint32Array(mostYears);
  for (const own of customers) {
    own.forEach(({ year }, i) => {
      if (own[i - 1]?.year === year - 1) shared[year]!++;
    });
  }
  const loose = shared.findIndex((count, year) => year > 0 && count < fewestCustomers);
  return loose === -1 ? mostYears : loose;
}

/** Each customer's years, of rows in the order of customers and years. */
function ownYears(values: readonly ValuesOfYear[]): ValuesOfYear[][] {
  const customers: ValuesOfYear[][] = [];
  for (const value of values) {
    const last = customers.at(-1);
    if (last?.[0]?.customerId === value.customerId) last.push(value);
    else customers.push([value]);
  }
  return customers;
}

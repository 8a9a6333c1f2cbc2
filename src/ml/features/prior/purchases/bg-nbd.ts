import { digamma, logGamma, sigmoid, sum } from '../../../../math.js';
import type { EarlierCustomers } from '../earlier-customers/earlier-customers.js';
import { earlierLogLikelihood } from '../earlier-customers/earlier-likelihood.js';
import { groupRows } from '../fitting/group-rows.js';
import {
  paretoNbdLogLikelihood,
  probabilityOfBuying,
  probabilityOfStaying,
  purchasesOfStaying,
  silenceProbability,
} from './pareto-nbd.js';

/**
 * BG/NBD: Fader, Hardie & Lee 2005, "Counting Your Customers" the Easy Way. While alive a customer buys at rate
 * lambda ~ Gamma(r, alpha); after each purchase they leave for good with probability p ~ Beta(a, b).
 */
export interface BgNbdParameters {
  r: number;
  /** In time units, as recency and age are. */
  alpha: number;
  a: number;
  b: number;
  /**
   * Whether they may leave after the first purchase, too: Modified BG/NBD (Batislam, Denizel & Filiztekin 2007, "Empirical
   * validation and comparison of models for customer base analysis").
   */
  leavesAtFirst: boolean;
  /**
   * Whether they leave at any time instead, as Pareto/NBD has it: at a rate of their own, mu ~ Gamma(a, b), b in time units. Absent
   * where they leave after purchases.
   */
  readonly leavesWithTime?: boolean;
  /** Absent where all are taken to have come after history began. */
  readonly earlier?: EarlierCustomers;
}

/** Distinct (x, t_x, T) rows, how often each occurs, and the distinct x among them. Times in time units. */
export interface PurchaseRows {
  frequency: Float64Array;
  recency: Float64Array;
  age: Float64Array;
  count: Float64Array;
  /** Customers in all. */
  total: number;
  frequencies: Float64Array;
  frequencyCounts: Float64Array;
  /** For every row, the index of its frequency among the distinct ones. */
  frequencyIndex: Int32Array;
  /** From the beginning of history to the first purchase, where earlier customers are told. */
  wait?: Float64Array;
  /** `Times.slow`, and the same times on the clock of leaving; absent where customers leave on the clock of their purchases. */
  slow?: Float64Array;
  leaving?: TimesColumns;
}

/** When a customer last bought, and now, since the first purchase: on the clock of purchases, or on that of leaving. */
export interface Times {
  readonly recency: number;
  readonly age: number;
  /** From the last purchase to the day when the pace rose, which the two clocks tell by different lengths; 0 if they bought since. */
  readonly slow: number;
}

/** `Times` of customers. */
export interface TimesColumns {
  readonly recency: Float64Array;
  readonly age: Float64Array;
  readonly slow: Float64Array;
}

/** Now, since the first purchase, and how long a time is asked for. */
export interface TimesAhead {
  readonly age: number;
  readonly t: number;
  /** What of t lies before the day when the pace rose, as `Times.slow`; 0 from that day on. */
  readonly slow: number;
}

export const timesOf = ({ recency, age, slow }: TimesColumns, row: number): Times => ({
  recency: recency[row]!,
  age: age[row]!,
  slow: slow[row]!,
});

/** @param slow absent where the pace did not rise */
export const timesColumns = ({
  recency,
  age,
  slow = new Float64Array(age.length),
}: Pick<PurchaseRows, 'recency' | 'age' | 'slow'>): TimesColumns => ({ recency, age, slow });

export const inUnits = ({ recency, age, slow }: Times, timeUnitDays: number): Times => ({
  recency: recency / timeUnitDays,
  age: age / timeUnitDays,
  slow: slow / timeUnitDays,
});

export const eachTime = (
  { recency, age, slow }: TimesColumns,
  change: (days: Float64Array) => Float64Array,
): TimesColumns => ({ recency: change(recency), age: change(age), slow: change(slow) });

export function toPurchaseRows(
  columns: Pick<PurchaseRows, 'frequency' | 'recency' | 'age' | 'wait' | 'slow' | 'leaving'>,
  timeUnitDays: number,
): PurchaseRows {
  const { frequency, recency, age, wait, slow, leaving } = columns;
  const { firstRow, count } = groupRows([
    frequency,
    recency,
    age,
    ...(wait ? [wait] : []),
    ...(slow ? [slow] : []),
    ...(leaving ? [leaving.recency, leaving.age] : []),
  ]);
  const inTimeUnits = (days: Float64Array) => Float64Array.from(firstRow, (row) => days[row]! / timeUnitDays);
  return withFrequencies({
    frequency: Float64Array.from(firstRow, (row) => frequency[row]!),
    recency: inTimeUnits(recency),
    age: inTimeUnits(age),
    count,
    ...(wait && { wait: inTimeUnits(wait) }),
    ...(slow && { slow: inTimeUnits(slow) }),
    ...(leaving && { leaving: eachTime(leaving, inTimeUnits) }),
  });
}

/** Every n-th distinct row, at most `limit` of them: enough to tell a good starting point from a bad one. */
export function thinPurchaseRows(rows: PurchaseRows, limit: number): PurchaseRows {
  const stride = Math.ceil(rows.count.length / limit);
  if (stride <= 1) return rows;
  const every = (column: Float64Array) => column.filter((_, i) => i % stride === 0);
  return withFrequencies({
    frequency: every(rows.frequency),
    recency: every(rows.recency),
    age: every(rows.age),
    count: every(rows.count),
    ...(rows.wait && { wait: every(rows.wait) }),
    ...(rows.slow && { slow: every(rows.slow) }),
    ...(rows.leaving && { leaving: eachTime(rows.leaving, every) }),
  });
}

function withFrequencies(
  rows: Omit<PurchaseRows, 'total' | 'frequencies' | 'frequencyCounts' | 'frequencyIndex'>,
): PurchaseRows {
  const { groupOf, firstRow } = groupRows([rows.frequency]);
  const frequencyCounts = new Float64Array(firstRow.length);
  rows.count.forEach((count, i) => (frequencyCounts[groupOf[i]!]! += count));
  return {
    ...rows,
    total: sum(rows.count),
    frequencies: Float64Array.from(firstRow, (row) => rows.frequency[row]!),
    frequencyCounts,
    frequencyIndex: groupOf,
  };
}

/**
 * Log-likelihood of all customers, and its gradient by (r, alpha, a, b) into `gradient`.
 */
export function purchasesLogLikelihood(
  parameters: BgNbdParameters,
  rows: PurchaseRows,
  gradient: Float64Array,
): number {
  const { earlier } = parameters;
  const { wait } = rows;
  if (parameters.leavesWithTime) return paretoNbdLogLikelihood(parameters, rows, gradient);
  if (!earlier || !wait) return bgNbdLogLikelihood(parameters, rows, gradient);
  return earlierLogLikelihood(parameters, earlier.length, { ...rows, wait }, gradient);
}

/** The same where all have come since history began (equation 6 of the paper, factored so that nothing overflows). */
export function bgNbdLogLikelihood(parameters: BgNbdParameters, rows: PurchaseRows, gradient: Float64Array): number {
  const { r, alpha, a, b, leavesAtFirst } = parameters;
  const chances = leavesAtFirst ? 1 : 0;
  const { frequencies, frequencyCounts } = rows;
  const digammaR = digamma(r);
  const digammaB = digamma(b);
  const digammaAB = digamma(a + b);
  const constant = r * Math.log(alpha) - logGamma(r) + logGamma(a + b) - logGamma(b);
  const logLeave = new Float64Array(frequencies.length);
  let logLikelihood = 0;
  let [byR, byAlpha, byA, byB] = [0, 0, 0, 0];

  // What depends on x alone: the gamma functions, once for every distinct x.
  for (let i = 0; i < frequencies.length; i++) {
    const x = frequencies[i]!;
    const count = frequencyCounts[i]!;
    const stays = x + chances;
    logLeave[i] = stays > 0 ? Math.log(a / (b + stays - 1)) : -Infinity;
    logLikelihood += count * (constant + logGamma(r + x) + logGamma(b + stays) - logGamma(a + b + stays));
    byR += count * (digamma(r + x) - digammaR + Math.log(alpha));
    byAlpha += (count * r) / alpha;
    byA += count * (digammaAB - digamma(a + b + stays));
    byB += count * (digammaAB - digammaB + digamma(b + stays) - digamma(a + b + stays));
  }

  for (let i = 0; i < rows.count.length; i++) {
    const x = rows.frequency[i]!;
    const count = rows.count[i]!;
    const atEnd = alpha + rows.age[i]!;
    const logEnd = Math.log(atEnd);
    const stays = x + chances;
    if (stays === 0) {
      logLikelihood -= count * r * logEnd;
      byR -= count * logEnd;
      byAlpha -= (count * r) / atEnd;
      continue;
    }
    // Still alive at T, or left right after the last purchase: log-odds of the second, added in log space.
    const atLast = alpha + rows.recency[i]!;
    const logLast = Math.log(atLast);
    const odds = logLeave[rows.frequencyIndex[i]!]! + (r + x) * (logEnd - logLast);
    const exponential = Math.exp(-Math.abs(odds));
    const left = odds > 0 ? 1 / (1 + exponential) : exponential / (1 + exponential);
    logLikelihood += count * (Math.max(odds, 0) + Math.log1p(exponential) - (r + x) * logEnd);
    byR -= count * ((1 - left) * logEnd + left * logLast);
    byAlpha -= count * (r + x) * ((1 - left) / atEnd + left / atLast);
    byA += (count * left) / a;
    byB -= (count * left) / (b + stays - 1);
  }
  gradient.set([byR, byAlpha, byA, byB]);
  return logLikelihood;
}

/**
 * P(alive at T | x, t_x, T) (Fader, Hardie & Lee 2008, "Computing P(alive) Using the BG/NBD Model").
 * @param leaving the times on the clock of leaving, where customers leave with time
 */
export function probabilityAlive(parameters: BgNbdParameters, x: number, times: Times, leaving = times): number {
  if (parameters.leavesWithTime) return probabilityOfStaying(parameters, x, times, leaving);
  const { recency, age } = times;
  const { r, alpha, a, b, leavesAtFirst } = parameters;
  const stays = leavesAtFirst ? x + 1 : x;
  if (stays === 0) return 1;
  return sigmoid(Math.log((b + stays - 1) / a) - (r + x) * Math.log((alpha + age) / (alpha + recency)));
}

/** P(x = 0 at T): of who leaves before buying again, and who has just not bought again. Times as above. */
export function silentProbability(parameters: BgNbdParameters, times: Times, leaving = times): number {
  if (parameters.leavesWithTime) return silenceProbability(parameters, times, leaving);
  const { age } = times;
  const { r, alpha, a, b, leavesAtFirst } = parameters;
  const leaves = leavesAtFirst ? a / (a + b) : 0;
  return leaves + (1 - leaves) * Math.exp(-r * Math.log1p(age / alpha));
}

/** P(at least one purchase in (T, T + t] | alive at T, x, T) = 1 - ((alpha + T) / (alpha + T + t))^(r + x). Times as above. */
export function purchaseProbabilityIfAlive(
  parameters: BgNbdParameters,
  x: number,
  times: TimesAhead,
  leaving = times,
): number {
  if (parameters.leavesWithTime) return probabilityOfBuying(parameters, x, times, leaving);
  const { age, t } = times;
  return -Math.expm1(-(parameters.r + x) * Math.log1p(t / (parameters.alpha + age)));
}

/**
 * E[purchases in (T, T + t] | alive at T, x, T]: equation 10 of the paper without its P(alive) factor.
 *
 * The paper's 2F1(r + x, b + x; c; z), z = t / (alpha + T + t), grows without bound as z nears 1 and is divided by
 * a - 1. Euler's transformation turns it into (1 - z)^(a - 1 - r - x) * 2F1(c - r - x, a - 1; c; z), c = a + b + x - 1,
 * in which every term after the first carries the factor a - 1. That factor, and the c that multiplies the whole,
 * are cancelled by hand, so that neither a = 1 nor c = 0 needs a case of its own.
 */
export function expectedPurchasesIfAlive(
  parameters: BgNbdParameters,
  x: number,
  times: TimesAhead,
  leaving = times,
): number {
  if (parameters.leavesWithTime) return purchasesOfStaying(parameters, x, times, leaving);
  const { age, t } = times;
  const { r, alpha, a } = parameters;
  const b = parameters.leavesAtFirst ? parameters.b + 1 : parameters.b;
  const c = a + b + x - 1;
  const logRest = -Math.log1p(t / (alpha + age));
  const z = t / (alpha + age + t);
  let term = (c - r - x) * z;
  let series = term;
  for (let k = 1; Math.abs(term) > 1e-16 * Math.abs(series); k++) {
    term *= ((c - r - x + k) * (a - 1 + k) * z) / ((c + k) * (k + 1));
    series += term;
  }
  const first = a === 1 ? -logRest : -Math.expm1((a - 1) * logRest) / (a - 1);
  return c * first - Math.exp((a - 1) * logRest) * series;
}

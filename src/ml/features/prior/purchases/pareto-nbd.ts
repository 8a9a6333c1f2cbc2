import { gaussLegendre } from '../../../../gauss-legendre.js';
import { digamma, logGamma } from '../../../../math.js';
import type { BgNbdParameters } from './bg-nbd.js';
import type { PurchaseRows } from './purchase-rows.js';
import { type Times, type TimesAhead, timesOnBoth } from './times.js';

/**
 * Pareto/NBD (Schmittlein, Morrison & Colombo 1987, "Counting Your Customers"): while alive a customer buys at rate lambda ~ Gamma(r,
 * alpha), and leaves for good at any time, at rate mu ~ Gamma(a, b). The literature calls `a` and `b` s and beta; BG/NBD's drop-out has
 * the same two here.
 *
 * A customer who buys more slowly does not leave later. So every time is given twice: `times` on the clock of purchases, `leaving` on
 * the clock of leaving. The one clock runs at a constant multiple of the other's speed until the pace of the whole shop rose, and at
 * another one since.
 */
type ParetoNbdParameters = Pick<BgNbdParameters, 'r' | 'alpha' | 'a' | 'b'>;

const { nodes, weights } = gaussLegendre(16);

/**
 * Log-likelihood of all customers, and its gradient by (r, alpha, a, b) into `gradient`. The time of leaving is integrated over
 * numerically: the hypergeometric functions of the closed form lose all digits where their arguments are extreme.
 */
export function paretoNbdLogLikelihood(
  parameters: ParetoNbdParameters,
  rows: PurchaseRows,
  gradient: Float64Array,
): number {
  const { r, alpha, a, b } = parameters;
  const { frequencies, frequencyCounts } = rows;
  const timesOf = timesOnBoth(rows);
  const slopes = new Float64Array(4);
  const [digammaR, logAlpha, logB] = [digamma(r), Math.log(alpha), Math.log(b)];
  const constant = r * logAlpha - logGamma(r) + a * logB;
  let logLikelihood = 0;
  let [byR, byAlpha, byA, byB] = [0, (rows.total * r) / alpha, rows.total * logB, (rows.total * a) / b];

  for (let i = 0; i < frequencies.length; i++) {
    const shape = r + frequencies[i]!;
    logLikelihood += frequencyCounts[i]! * (constant + logGamma(shape));
    byR += frequencyCounts[i]! * (digamma(shape) - digammaR + logAlpha);
  }

  for (let i = 0; i < rows.count.length; i++) {
    const count = rows.count[i]!;
    const shape = r + rows.frequency[i]!;
    const times = timesOf(i);
    const [last, lastB] = [alpha + times.recency, b + times.leaving.recency];
    const { stayed, left } = silence(parameters, shape, times, times.leaving, slopes);
    const all = stayed + left;
    const [logLast, logLastB] = [Math.log(last), Math.log(lastB)];
    logLikelihood += count * (Math.log(all) - shape * logLast - a * logLastB);
    byR += count * (slopes[2]! / all - logLast);
    byAlpha += count * (slopes[3]! / all - shape / last);
    byA += count * (slopes[0]! / all - logLastB);
    byB += count * (slopes[1]! / all - a / lastB);
  }
  gradient.set([byR, byAlpha, byA, byB]);
  return logLikelihood;
}

/** P(alive at T | x, t_x, T). */
export function paretoNbdAlive(parameters: ParetoNbdParameters, x: number, times: Times, leaving: Times): number {
  const { stayed, left } = silence(parameters, parameters.r + x, times, leaving);
  return stayed / (stayed + left);
}

/** P(x = 0 at T). */
export function paretoNbdSilent(parameters: ParetoNbdParameters, times: Times, leaving: Times): number {
  const { stayed, left } = silence(parameters, parameters.r, times, leaving);
  // Where nearly all leave at once, the integral may be off by some thousandths.
  return Math.min(stayed + left, 1);
}

/** P(at least one purchase in (T, T + t] | alive at T, x, T). */
export function paretoNbdBuys(
  { r, alpha, a, b }: ParetoNbdParameters,
  x: number,
  times: TimesAhead,
  leaving: TimesAhead,
): number {
  // P(buys before leaving) within a part of the horizon: how long after T it begins, and its length, on each clock.
  const buys = (since: number, sinceOfLeaving: number, length: number, ofLeaving: number) =>
    first(
      r + x,
      (alpha + times.age + since) / speed(length, ofLeaving),
      a,
      b + leaving.age + sinceOfLeaving,
      ofLeaving,
    );
  if (!isSplit(leaving.slow, leaving.t)) return buys(0, 0, times.t, leaving.t);
  const neitherYet = neither(
    r + x,
    (alpha + times.age) / speed(times.slow, leaving.slow),
    a,
    b + leaving.age,
    leaving.slow,
  );
  const later = buys(times.slow, leaving.slow, times.t - times.slow, leaving.t - leaving.slow);
  return buys(0, 0, times.slow, leaving.slow) + neitherYet * later;
}

/** E[purchases in (T, T + t] | alive at T, x, T]: the mean rate of purchases times the mean time of t before leaving. */
export function paretoNbdPurchases(
  { r, alpha, a, b }: ParetoNbdParameters,
  x: number,
  times: TimesAhead,
  leaving: TimesAhead,
): number {
  const now = b + leaving.age;
  // Mean time before leaving within t, on the clock of leaving.
  const timeOf = (t: number) => {
    const log = Math.log1p(t / now);
    return now * (a === 1 ? log : -Math.expm1((1 - a) * log) / (a - 1));
  };
  const rate = (r + x) / (alpha + times.age);
  if (!isSplit(leaving.slow, leaving.t)) return rate * speed(times.t, leaving.t) * timeOf(leaving.t);
  const slow = timeOf(leaving.slow);
  const later = speed(times.t - times.slow, leaving.t - leaving.slow) * (timeOf(leaving.t) - slow);
  return rate * (speed(times.slow, leaving.slow) * slow + later);
}

/** Parts of a time below this share of it are rounding errors. */
const negligible = 1e-9;

/** Whether a time on the clock of leaving has a part before the rise of the pace and a part since. @param slow the former */
const isSplit = (slow: number, all: number): boolean => slow > negligible * all && all - slow > negligible * all;

/** How fast the clock of purchases runs, as a multiple of that of leaving: the length of one and the same time on both. */
const speed = (length: number, ofLeaving: number): number => (ofLeaving > 0 ? length / ofLeaving : 1);

/** The two ways of not buying for a time. */
interface Silence {
  /** P(neither leaves nor buys). */
  readonly stayed: number;
  /** P(leaves, and does not buy before). */
  readonly left: number;
}

/**
 * How nothing may have been bought from the last purchase to the as-of date.
 * @param shape r + x
 * @param slopes is set to the derivatives of stayed + left by (a, b, shape, alpha)
 */
function silence(
  { alpha, a, b }: ParetoNbdParameters,
  shape: number,
  times: Times,
  leaving: Times,
  slopes?: Float64Array,
): Silence {
  const [last, lastB] = [alpha + times.recency, b + leaving.recency];
  const [rest, restOfLeaving] = [times.age - times.recency, leaving.age - leaving.recency];
  if (!isSplit(leaving.slow, restOfLeaving)) {
    return stretch(a, lastB, shape, last, rest, restOfLeaving, slopes);
  }
  const [rise, riseB] = [last + times.slow, lastB + leaving.slow];
  const before = stretch(a, lastB, shape, last, times.slow, leaving.slow, slopes, slopes && ofStaying);
  const since = stretch(a, riseB, shape, rise, rest - times.slow, restOfLeaving - leaving.slow, slopes && ofRest);
  const after = since.stayed + since.left;
  // The sum is left + stayed * after, each of the first part; `slopes` are those of its left + stayed.
  slopes?.forEach((slope, j) => {
    slopes[j] = slope + ofStaying[j]! * (after - 1) + before.stayed * ofRest[j]!;
  });
  return { stayed: before.stayed * since.stayed, left: before.left + before.stayed * since.left };
}

/** Derivatives of the first part's `stayed`, and of the second part's sum; overwritten for each customer. */
const [ofStaying, ofRest] = [new Float64Array(4), new Float64Array(4)];

/**
 * How nothing is bought over a time in which each clock runs at a constant speed.
 * @param u b plus the time from the first purchase to the beginning of it, on the clock of leaving
 * @param w the same with alpha, on the clock of purchases
 * @param length of it, on the clock of purchases; `ofLeaving` on that of leaving
 * @param slopes is set to the derivatives of stayed + left; `slopesOfStaying` to those of stayed
 */
function stretch(
  a: number,
  u: number,
  shape: number,
  w: number,
  length: number,
  ofLeaving: number,
  slopes?: Float64Array,
  slopesOfStaying?: Float64Array,
): Silence {
  // On the clock of leaving purchases come at rate pace * lambda, which is Gamma(shape, w / pace).
  const pace = speed(length, ofLeaving);
  slopes?.fill(0);
  const stayed = neither(a, u, shape, w / pace, ofLeaving, slopes);
  if (slopes) slopesOfStaying?.set(slopes);
  const left = first(a, u, shape, w / pace, ofLeaving, slopes);
  if (slopes) slopes[3]! /= pace;
  if (slopesOfStaying) slopesOfStaying[3]! /= pace;
  return { stayed, left };
}

/** P(neither of two events within t), whose rates are Gamma(k, u) and Gamma(m, w). Adds its derivatives by (k, u, m, w) to `slopes`. */
function neither(k: number, u: number, m: number, w: number, t: number, slopes?: Float64Array): number {
  const [logU, logW] = [Math.log1p(t / u), Math.log1p(t / w)];
  const value = Math.exp(-k * logU - m * logW);
  if (slopes) {
    slopes[0]! -= value * logU;
    slopes[1]! += (value * k * t) / (u * (u + t));
    slopes[2]! -= value * logW;
    slopes[3]! += (value * m * t) / (w * (w + t));
  }
  return value;
}

/**
 * P(the event of rate Gamma(k, u) comes within t and before the one of rate Gamma(m, w)): the integral over y of its density at y times
 * the probability that the other has not come until y. Gauss-Legendre on the scale log(1 + steepness y), on which the integrand
 * changes slowly near 0. Adds derivatives as `neither`.
 */
function first(k: number, u: number, m: number, w: number, t: number, slopes?: Float64Array): number {
  const steepness = (k + 1) / u + m / w;
  const length = Math.log1p(steepness * t);
  const scale = (length * k) / (steepness * u);
  let total = 0;
  for (let i = 0; i < nodes.length; i++) {
    const at = length * nodes[i]!;
    const y = Math.expm1(at) / steepness;
    const [logU, logW] = [Math.log1p(y / u), Math.log1p(y / w)];
    const value = scale * weights[i]! * Math.exp(at - (k + 1) * logU - m * logW);
    total += value;
    if (slopes) {
      slopes[0]! += value * (1 / k - logU);
      slopes[1]! += value * (k / u - (k + 1) / (u + y));
      slopes[2]! -= value * logW;
      slopes[3]! += (value * m * y) / (w * (w + y));
    }
  }
  return total;
}

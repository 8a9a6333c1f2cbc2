import { gaussLegendre } from '../../../../gauss-legendre.js';
import { digamma, logGamma } from '../../../../math.js';
import { type BgNbdParameters, type PurchaseRows, type Times, type TimesAhead, timesOf } from './bg-nbd.js';

/**
 * Pareto/NBD (Schmittlein, Morrison & Colombo 1987, "Counting Your Customers"): while alive a customer buys at rate lambda ~ Gamma(r,
 * alpha), and leaves for good at any time, at rate mu ~ Gamma(a, b). The literature's s and beta are `a` and `b` here, where BG/NBD
 * has what its drop-out is distributed by. Who buys more slowly leaves no later, so that times are told on two clocks, that of purchases
 * and that of leaving. Between them there is one ratio of speeds until the pace of all rose, and one since.
 */
type ParetoNbdParameters = Pick<BgNbdParameters, 'r' | 'alpha' | 'a' | 'b'>;

const { nodes, weights } = gaussLegendre(16);

/**
 * Log-likelihood of all customers, and its gradient by (r, alpha, a, b) into `gradient`. In place of the hypergeometric functions
 * of the closed form, which lose all digits where their arguments are extreme, the time of leaving is integrated over.
 */
export function paretoNbdLogLikelihood(
  parameters: ParetoNbdParameters,
  rows: PurchaseRows,
  gradient: Float64Array,
): number {
  const { r, alpha, a, b } = parameters;
  const { frequencies, frequencyCounts } = rows;
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
    const [shape, recency] = [r + rows.frequency[i]!, rows.recency[i]!];
    const times = { recency, age: rows.age[i]!, slow: rows.slow?.[i] ?? 0 };
    const leaving = rows.leaving ? timesOf(rows.leaving, i) : times;
    const [last, lastB] = [alpha + recency, b + leaving.recency];
    const { stayed, left } = silence(parameters, shape, times, leaving, slopes);
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
export function probabilityOfStaying(parameters: ParetoNbdParameters, x: number, times: Times, leaving: Times): number {
  const { stayed, left } = silence(parameters, parameters.r + x, times, leaving);
  return stayed / (stayed + left);
}

/** P(x = 0 at T). */
export function silenceProbability(parameters: ParetoNbdParameters, times: Times, leaving: Times): number {
  const { stayed, left } = silence(parameters, parameters.r, times, leaving);
  // Where next to all leave at once, the integral may be off by some thousandths.
  return Math.min(stayed + left, 1);
}

/** P(at least one purchase in (T, T + t] | alive at T, x, T). */
export function probabilityOfBuying(
  { r, alpha, a, b }: ParetoNbdParameters,
  x: number,
  times: TimesAhead,
  leaving: TimesAhead,
): number {
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

/** E[purchases in (T, T + t] | alive at T, x, T]: the mean rate of purchases times the mean time until leaving, of t. */
export function purchasesOfStaying(
  { r, alpha, a, b }: ParetoNbdParameters,
  x: number,
  times: TimesAhead,
  leaving: TimesAhead,
): number {
  const now = b + leaving.age;
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

/** Whether a time on the clock of leaving has parts of two speeds, and no rounding error passes for one. */
const isSplit = (slow: number, all: number): boolean => slow > negligible * all && all - slow > negligible * all;

const negligible = 1e-9;

/** Of the clock of purchases beside that of leaving. */
const speed = (length: number, ofLeaving: number): number => (ofLeaving > 0 ? length / ofLeaving : 1);

interface Silence {
  /** P(neither leaves nor buys). */
  readonly stayed: number;
  /** P(leaves, and does not buy before). */
  readonly left: number;
}

/**
 * Of a customer who has just made the last purchase, until now.
 * @param shape r + x
 * @param slopes derivatives of the sum by (a, b, shape, alpha)
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
  const before = stretch(a, lastB, shape, last, times.slow, leaving.slow, slopes, ofStaying);
  const since = stretch(a, riseB, shape, rise, rest - times.slow, restOfLeaving - leaving.slow, slopes && ofRest);
  const after = since.stayed + since.left;
  // The first part's slopes are those of both chances: of leaving as it is, of staying times what comes after.
  slopes?.forEach((slope, j) => {
    slopes[j] = slope + ofStaying[j]! * (after - 1) + before.stayed * ofRest[j]!;
  });
  return { stayed: before.stayed * since.stayed, left: before.left + before.stayed * since.left };
}

/** Written anew for each customer. */
const [ofStaying, ofRest] = [new Float64Array(4), new Float64Array(4)];

/**
 * The same over a time in which both clocks run at a speed each.
 * @param u b, and w alpha, each with the time since the first purchase
 * @param slopes of the sum; `slopesOfStaying` of the former chance alone
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
  const pace = speed(length, ofLeaving);
  slopes?.fill(0);
  const stayed = neither(a, u, shape, w / pace, ofLeaving, slopes);
  if (slopes) slopesOfStaying?.set(slopes);
  const left = first(a, u, shape, w / pace, ofLeaving, slopes);
  if (slopes) slopes[3]! /= pace;
  if (slopesOfStaying) slopesOfStaying[3]! /= pace;
  return { stayed, left };
}

/**
 * P(neither of two events within t), whose rates are Gamma(k, u) and Gamma(m, w). Adds its derivatives by (k, u, m, w) to
 * `slopes`.
 */
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
 * P(the one of rate Gamma(k, u) comes within t, before the other): the integral of its density at y times the chance that the other
 * has not come until y, on a scale on which that falls slowly at first. Derivatives as above.
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

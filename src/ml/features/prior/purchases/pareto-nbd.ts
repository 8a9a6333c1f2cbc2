import { gaussLegendre } from '../../../../gauss-legendre.js';
import { digamma, logGamma } from '../../../../math.js';
import type { BgNbdParameters, PurchaseRows } from './bg-nbd.js';

/**
 * Pareto/NBD (Schmittlein, Morrison & Colombo 1987, "Counting Your Customers"): while alive a customer buys at rate lambda ~ Gamma(r,
 * alpha), and leaves for good at any time, at rate mu ~ Gamma(a, b). The literature's s and beta are `a` and `b` here, where BG/NBD
 * has what its drop-out is distributed by.
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
    // Of who stays k times as long, the rate of leaving is Gamma(a, k b).
    const stay = rows.stay?.[i] ?? 1;
    const [last, lastB] = [alpha + recency, b * stay + recency];
    const silence = rows.age[i]! - recency;
    slopes.fill(0);
    const stayed = neither(a, lastB, shape, last, silence, slopes);
    const all = stayed + first(a, lastB, shape, last, silence, slopes);
    const [logLast, logLastB] = [Math.log(last), Math.log(lastB) - Math.log(stay)];
    logLikelihood += count * (Math.log(all) - shape * logLast - a * logLastB);
    byR += count * (slopes[2]! / all - logLast);
    byAlpha += count * (slopes[3]! / all - shape / last);
    byA += count * (slopes[0]! / all - logLastB);
    byB += count * stay * (slopes[1]! / all - a / lastB);
  }
  gradient.set([byR, byAlpha, byA, byB]);
  return logLikelihood;
}

/** P(alive at T | x, t_x, T). */
export function probabilityOfStaying(
  { r, alpha, a, b }: ParetoNbdParameters,
  x: number,
  recency: number,
  age: number,
): number {
  const [shape, last, lastB, silence] = [r + x, alpha + recency, b + recency, age - recency];
  const stayed = neither(a, lastB, shape, last, silence);
  return stayed / (stayed + first(a, lastB, shape, last, silence));
}

/** P(x = 0 at T). */
export function silenceProbability({ r, alpha, a, b }: ParetoNbdParameters, age: number): number {
  return neither(a, b, r, alpha, age) + first(a, b, r, alpha, age);
}

/** P(at least one purchase in (T, T + t] | alive at T, x, T). */
export function probabilityOfBuying(
  { r, alpha, a, b }: ParetoNbdParameters,
  x: number,
  age: number,
  t: number,
): number {
  return first(r + x, alpha + age, a, b + age, t);
}

/** E[purchases in (T, T + t] | alive at T, x, T]: the mean rate of purchases times the mean time until leaving, of t. */
export function purchasesOfStaying({ r, alpha, a, b }: ParetoNbdParameters, x: number, age: number, t: number): number {
  const log = Math.log1p(t / (b + age));
  const time = (b + age) * (a === 1 ? log : -Math.expm1((1 - a) * log) / (a - 1));
  return ((r + x) / (alpha + age)) * time;
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

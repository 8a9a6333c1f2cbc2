/** What JavaScript's own Math lacks, in double precision: special functions, quantiles, sums, money. */

const lanczos = [
  0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
] as const;
/** ln(2 π) / 2, a constant of the normal density. */
export const halfLogTwoPi = 0.9189385332046728;

/** Logarithm of the gamma function for x > 0 (Lanczos 1964, g = 7, 9 terms; Stirling's series from 12 on). */
export function logGamma(x: number): number {
  if (x < 0.5) return logGamma(x + 1) - Math.log(x);
  if (x >= 12) {
    const inverse = 1 / x;
    const square = inverse * inverse;
    const series = 1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)));
    return (x - 0.5) * Math.log(x) - x + halfLogTwoPi + series * inverse;
  }
  let sum: number = lanczos[0];
  for (let i = 1; i < lanczos.length; i++) sum += (lanczos[i] as number) / (x - 1 + i);
  const shifted = x + 6.5;
  return halfLogTwoPi + (x - 0.5) * Math.log(shifted) - shifted + Math.log(sum);
}

/** Derivative of logGamma for x > 0 (recurrence up to 10, then the asymptotic series; Abramowitz & Stegun 6.3.18). */
export function digamma(x: number): number {
  let shift = 0;
  let y = x;
  while (y < 10) {
    shift -= 1 / y;
    y += 1;
  }
  const square = 1 / (y * y);
  const series =
    square *
    (1 / 12 -
      square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square * (1 / 132 - square * (691 / 32760))))));
  return shift + Math.log(y) - 0.5 / y - series;
}

/** 1 / (1 + exp(-x)), without overflow. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const exponential = Math.exp(x);
  return exponential / (1 + exponential);
}

/** log(p / (1 - p)); the inverse of sigmoid. */
export function logit(p: number): number {
  return Math.log(p) - Math.log1p(-p);
}

/** The x with P(Z <= x) = p; -Infinity at 0 and Infinity at 1 (Wichura 1988, algorithm AS 241, PPND16). */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(r, centralNumerator)) / polynomial(r, centralDenominator);
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  if (r === Infinity) return q < 0 ? -Infinity : Infinity;
  const distance =
    r <= 5
      ? polynomial(r - 1.6, middleNumerator) / polynomial(r - 1.6, middleDenominator)
      : polynomial(r - 5, tailNumerator) / polynomial(r - 5, tailDenominator);
  return q < 0 ? -distance : distance;
}

/**
 * The x with P(T <= x) = p of Student's t, exactly at 1 and 2 degrees of freedom, else by the expansion of Cornish and Fisher
 * (Abramowitz & Stegun 26.7.5). At p = 0.975 it is 0.1 % too small at 3 degrees of freedom and 0.01 % at 5.
 */
export function studentQuantile(p: number, degrees: number): number {
  if (degrees === 1) return Math.tan(Math.PI * (p - 0.5));
  if (degrees === 2) return (2 * p - 1) / Math.sqrt(2 * p * (1 - p));
  const z = normalQuantile(p);
  const terms = [
    z,
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92_160,
  ];
  return polynomial(1 / degrees, terms);
}

const centralNumerator = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
  33430.57558358813, 2509.0809287301227,
];
const centralDenominator = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271, 28729.085735721943,
  5226.495278852546,
];
const middleNumerator = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684, 0.2417807251774506,
  0.022723844989269184, 0.0007745450142783414,
];
const middleDenominator = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  0.0005475938084995345, 1.0507500716444169e-9,
];
const tailNumerator = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
  0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
];
const tailDenominator = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
  1.421511758316446e-7, 2.0442631033899397e-15,
];

/** Evaluates a polynomial by Horner's rule; its coefficients begin with the constant. */
export function polynomial(x: number, coefficients: readonly number[]): number {
  let value = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) value = value * x + (coefficients[i] as number);
  return value;
}

/** P(X <= successes) for the number X of successes in independent trials, each with probability p, 0 < p < 1. */
export function binomialCdf(successes: number, trials: number, p: number): number {
  let sum = 0;
  for (let k = 0; k <= successes; k++) {
    const ways = logGamma(trials + 1) - logGamma(k + 1) - logGamma(trials - k + 1);
    sum += Math.exp(ways + k * Math.log(p) + (trials - k) * Math.log1p(-p));
  }
  return Math.min(sum, 1);
}

/**
 * The quantile of that level, interpolated between neighbours (type 7 of Hyndman & Fan 1996); 0 without values.
 * @param sorted ascending
 * @param level 0 to 1
 */
export function quantile(sorted: ArrayLike<number>, level: number): number {
  const position = level * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? 0;
  const above = sorted[Math.ceil(position)] ?? 0;
  return below + (position % 1) * (above - below);
}

/** The middle value; of an even number of values the upper one of the two in the middle; 0 without values. */
export function upperMedian(values: Iterable<number>): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

export function clamp(value: number, lower: number, upper: number): number {
  return Math.min(Math.max(value, lower), upper);
}

/** An estimate, shrunk towards 0 as far as chance may have made it. @param variance of its error */
export function drawnToZero(estimate: number, variance: number): number {
  return estimate === 0 ? 0 : estimate * (estimate ** 2 / (estimate ** 2 + variance));
}

export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}

/** Arithmetic mean; 0 without values. */
export function mean(values: ArrayLike<number>): number {
  return sum(values) / Math.max(values.length, 1);
}

/** An amount of money, rounded to cents as callers see it; never -0, which would be written with a sign. */
export function cents(amount: number): number {
  return Math.round(amount * 100) / 100 + 0;
}

/** 1 - p as people write it, without the rounding error of binary fractions: 0.3 where p is 0.7, not 0.30000000000000004. */
export function complementOf(probability: number): number {
  return Number((1 - probability).toFixed(15));
}

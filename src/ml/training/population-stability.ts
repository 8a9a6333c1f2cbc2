export const driftStates = ['STABLE', 'MODERATE', 'SIGNIFICANT'] as const;
export type DriftState = (typeof driftStates)[number];

/** How far two samples of a number are apart. Plain JSON. */
export interface PopulationStability {
  readonly psi: number;
  /** 99.9 % quantile of the index where nothing has changed: the fewer customers, the larger. */
  readonly noise: number;
  /** STABLE below 0.1 or within the noise, SIGNIFICANT from 0.25. */
  readonly state: DriftState;
}

const moderate = 0.1;
const significant = 0.25;
/** Standard normal quantile of 0.999. */
const z = 3.0902;

/**
 * Population stability index over the deciles of the reference: the sum over the bins of (p - q) ln(p / q), with the
 * usual thresholds 0.1 and 0.25 (Siddiqi, Credit Risk Scorecards, 2006). Deciles that fall together are one bin; missing
 * values have a bin of their own. Half a customer is added to each bin, so that an empty one gives no infinity.
 * @returns null where the reference does not vary, or a side is empty: there is nothing to measure
 */
export function populationStability(
  reference: readonly (number | null)[],
  current: readonly (number | null)[],
): PopulationStability | null {
  const edges = innerDeciles(reference);
  const missing = reference.includes(null);
  if (current.length === 0 || (edges.length === 0 && (!missing || reference.every((value) => value === null)))) {
    return null;
  }
  const expected = counts(reference, edges);
  const found = counts(current, edges);
  // The bin of missing values counts where there are any.
  const bins = expected.map((_, bin) => bin).filter((bin) => expected[bin]! + found[bin]! > 0);
  const share = (of: readonly number[], bin: number, total: number) => (of[bin]! + 0.5) / (total + 0.5 * bins.length);
  let psi = 0;
  for (const bin of bins) {
    const [p, q] = [share(found, bin, current.length), share(expected, bin, reference.length)];
    psi += (p - q) * Math.log(p / q);
  }
  const noise = (1 / reference.length + 1 / current.length) * chiSquareQuantile(bins.length - 1);
  return { psi, noise, state: psi > noise ? driftStateOf(psi) : 'STABLE' };
}

export function driftStateOf(psi: number): DriftState {
  if (psi < moderate) return 'STABLE';
  return psi < significant ? 'MODERATE' : 'SIGNIFICANT';
}

/**
 * The upper edges of all bins but the last: the distinct deciles of the known values that lie below the largest value. Where none does,
 * as with stars of reviews, all values below the largest are one bin.
 */
function innerDeciles(values: readonly (number | null)[]): number[] {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  const deciles = Array.from({ length: 9 }, (_, i) => known[Math.ceil(((i + 1) * known.length) / 10) - 1]);
  const isBelowLargest = (value: number | undefined): value is number => value !== undefined && value < known.at(-1)!;
  const edges = [...new Set(deciles)].filter(isBelowLargest);
  return edges.length > 0 ? edges : known.filter(isBelowLargest).slice(-1);
}

/** How many values each bin holds; those above the last edge come next to last, the missing ones last. */
function counts(values: readonly (number | null)[], edges: readonly number[]): number[] {
  const bins = Array.from({ length: edges.length + 2 }, () => 0);
  for (const value of values) bins[binOf(value, edges)]!++;
  return bins;
}

function binOf(value: number | null, edges: readonly number[]): number {
  if (value === null) return edges.length + 1;
  const bin = edges.findIndex((edge) => value <= edge);
  return bin < 0 ? edges.length : bin;
}

/**
 * 99.9 % quantile of the chi-square distribution, by Wilson & Hilferty's approximation. The index over (1/n + 1/m) follows that
 * distribution if both samples are of one population (Yurdakul, Statistical Properties of Population Stability Index, 2018).
 */
function chiSquareQuantile(freedom: number): number {
  const spread = 2 / (9 * freedom);
  return freedom * (1 - spread + z * Math.sqrt(spread)) ** 3;
}

import { deciles } from '../../../src/ml/training/metrics/ranking.js';

interface Intervals {
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
}

export interface IntervalDecile {
  customers: number;
  /** Share of customers inside their interval. */
  coverage: number;
  /** Mean of upper - lower. */
  width: number;
}

/**
 * Coverage and width of intervals in ten groups of equal size by falling prediction, as `deciles`: customers of equal
 * prediction each count as the mean of them all.
 */
export function intervalDeciles(
  actual: ArrayLike<number>,
  predicted: ArrayLike<number>,
  { lower, upper }: Intervals,
): IntervalDecile[] {
  const inside = Float64Array.from(actual, (value, i) => (value >= lower[i]! && value <= upper[i]! ? 1 : 0));
  const width = Float64Array.from(lower, (value, i) => upper[i]! - value);
  const widths = deciles(width, predicted);
  return deciles(inside, predicted).map(({ customers, actualMean: coverage }, i) => ({
    customers,
    coverage,
    width: widths[i]!.actualMean,
  }));
}

import { decileBounds, meanBetween, sortedBy } from '../../../src/ml/training/metrics/ranking.js';

export interface Intervals {
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
  const sorted = { inside: sortedBy(predicted, inside), width: sortedBy(predicted, width) };
  const bounds = decileBounds(actual.length);
  return bounds.slice(1).flatMap((to, i) => {
    const from = bounds[i]!;
    if (to === from) return [];
    return {
      customers: to - from,
      coverage: meanBetween(sorted.inside, from, to),
      width: meanBetween(sorted.width, from, to),
    };
  });
}

import { mean, sum } from '../../math.js';

/** How much less the same customers lose by one model than by another. */
export interface PairedGain {
  readonly mean: number;
  /** Of the mean; not a number for one customer. */
  readonly standardError: number;
}

/**
 * @param before losses, one a customer
 * @param after those of the other model, in the same order
 */
export function pairedGain(before: ArrayLike<number>, after: ArrayLike<number>): PairedGain {
  const gains = Float64Array.from(before, (loss, i) => loss - after[i]!);
  const average = mean(gains);
  const variance = sum(gains.map((gain) => (gain - average) ** 2)) / (gains.length - 1);
  return { mean: average, standardError: Math.sqrt(variance / Math.max(gains.length, 1)) };
}

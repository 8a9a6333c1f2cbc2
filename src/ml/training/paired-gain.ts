import { mean, sum } from '../../math.js';

/** By how much one model's loss is lower than another's on the same customers. */
interface PairedGain {
  readonly mean: number;
  /** Of the mean; NaN for one customer. */
  readonly standardError: number;
}

/**
 * @param before losses of each customer by the one model
 * @param after by the other, in the same order
 */
export function pairedGain(before: ArrayLike<number>, after: ArrayLike<number>): PairedGain {
  const gains = Float64Array.from(before, (loss, i) => loss - after[i]!);
  const average = mean(gains);
  const variance = sum(gains.map((gain) => (gain - average) ** 2)) / (gains.length - 1);
  return { mean: average, standardError: Math.sqrt(variance / Math.max(gains.length, 1)) };
}

import { sum } from '../../../../math.js';

/** What is known of the gaps between a customer's purchases. */
export interface Gaps {
  /** x: their number. */
  readonly frequency: number;
  /** Standard deviation over mean; a sample's, as of x - 1 degrees of freedom. */
  readonly gapVariation?: number;
}

/** Shapes of the gamma distribution that a customer's gaps may have: 1 is chance, the higher the more regular. */
export const gapShapes = [1, 2, 4, 8, 16, 32, 64, 128] as const;
/** Fewer gaps do not tell a rhythm. */
const fewestGaps = 3;
/** In whole days no rhythm is more even than that. */
const leastVariation = 0.005;

export const tellsRhythm = ({ frequency, gapVariation }: Gaps): boolean =>
  frequency >= fewestGaps && gapVariation !== undefined;

/**
 * Density of the gaps' variation, up to a factor that all shapes share, in the order of `gapShapes`. (x - 1) * shape * variation² is
 * taken for chi-squared with x - 1 degrees of freedom, as it is for high shapes.
 * @param gaps that tell a rhythm
 */
export function likelihoodsOfShapes({ frequency, gapVariation = 0 }: Gaps): number[] {
  const freedom = frequency - 1;
  const square = Math.max(gapVariation, leastVariation) ** 2;
  const logs = gapShapes.map((shape) => (freedom / 2) * (Math.log(shape) - shape * square));
  const most = Math.max(...logs);
  return logs.map((log) => Math.exp(log - most));
}

/** How likely each shape is for a customer, given how common each is. */
export function posterior(common: readonly number[], likelihoods: readonly number[]): number[] {
  const joint = common.map((share, i) => share * likelihoods[i]!);
  const total = sum(joint);
  return joint.map((each) => each / total);
}

/**
 * P(the next gap is longer than the silence since the last purchase), over the same where gaps come by chance (shape 1). After x
 * gamma gaps that took `recency` days together, the next one's part of their sum is beta distributed.
 */
export function silenceOverChance(shape: number, frequency: number, recency: number, age: number): number {
  if (age === recency) return 1;
  const trials = shape * (frequency + 1) - 1;
  const logOdds = Math.log((age - recency) / recency);
  let log = (trials - frequency) * Math.log(recency / age);
  let total = 0;
  // P(fewer than `shape` successes in these trials), divided by P(silence by chance).
  for (let k = 0; k < shape; k++) {
    total += Math.exp(log);
    log += Math.log((trials - k) / (k + 1)) + logOdds;
  }
  return total;
}

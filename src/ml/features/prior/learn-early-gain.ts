import type { RfmColumns } from './rfm-summary.js';
import { columnsInTenureTime, logTenureSpeed } from './tenure-clock.js';

/** Repeat purchases by the time since their customers' first one. */
export interface RepeatAges {
  /** Days since the first purchase. */
  readonly days: Float64Array;
  /** Purchases. */
  readonly count: Float64Array;
}

/** Steps of a factor of 1.4 at most: predictions between two of them hardly differ. */
const gains = [0.18, 0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8];
/** In nats. What the purchases of a few customers may bring by chance is no rule. */
const leastRise = 10;

/**
 * The early gain of `tenureTime` under which the purchases are likeliest: from small to large, until their likelihood
 * falls. Times stand on another clock, so that each purchase brings the logarithm of its speed.
 *
 * @param logLikelihood of the purchase model that is fitted on these columns
 * @returns 0 where no gain raises the likelihood beyond chance
 */
export function learnEarlyGain(
  columns: RfmColumns,
  repeats: RepeatAges,
  logLikelihood: (columns: RfmColumns) => number,
): number {
  const plain = logLikelihood(columns);
  let best = { gain: 0, logLikelihood: plain };
  for (const gain of gains) {
    const speed = repeats.days.reduce((sum, days, i) => sum + repeats.count[i]! * logTenureSpeed(gain, days), 0);
    const reached = logLikelihood(columnsInTenureTime(gain, columns)) + speed;
    if (reached < best.logLikelihood) break;
    best = { gain, logLikelihood: reached };
  }
  return best.logLikelihood - plain >= leastRise ? best.gain : 0;
}

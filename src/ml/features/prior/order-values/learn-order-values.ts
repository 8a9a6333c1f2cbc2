import { mean } from '../../../../math.js';
import { fitOrderValues } from './fit-order-values.js';
import { minRepeatBuyers } from '../fit-prior.js';
import type { RfmColumns } from '../rfm-summary.js';

/** In nats: odds of 20 to 1, and as much a buyer as a prior's form must gain at least. */
const leastGain = { inAll: 3, perBuyer: 0.005 };

/** In mean repeat values. */
const limits = [10, 6, 4, 3, 2];
/** Where order values merely spread more widely than Gamma-Gamma has it, a limit gains up to 0.007 a buyer, and predicts no better. */
const leastGainOfLimit = { inAll: 10, perBuyer: 0.02 };

/** Whether the repeat buyers' order values are likelier log-normal than Gamma-Gamma. */
export function areLogNormal(columns: RfmColumns): boolean {
  const { length: buyers } = repeatValues(columns);
  if (buyers < minRepeatBuyers) return false;
  const { logNormalGain } = fitOrderValues(columns, { enough: true, logNormal: true });
  return logNormalGain >= Math.max(leastGain.inAll, leastGain.perBuyer * buyers);
}

/**
 * Up to what value, in currency, a first purchase says of Gamma-Gamma's later ones what it says: some are of another kind, such as
 * gifts in memory of somebody, and much larger than whatever comes after them.
 * @returns null: whatever it was worth
 */
export function firstValueLimit(columns: RfmColumns): number | null {
  const values = repeatValues(columns);
  if (values.length < minRepeatBuyers) return null;
  const likelihoodOf = (limit: number | null) =>
    fitOrderValues(columns, { enough: true, firstValueLimit: limit }).logLikelihood;
  const without = likelihoodOf(null);
  const tried = limits.map((times) => {
    const limit = times * mean(values);
    return { limit, gain: likelihoodOf(limit) - without };
  });
  const best = tried.reduce((left, right) => (right.gain > left.gain ? right : left));
  const least = Math.max(leastGainOfLimit.inAll, leastGainOfLimit.perBuyer * values.length);
  return best.gain >= least ? best.limit : null;
}

/** Of those who came back. */
const repeatValues = ({ frequency, monetary }: RfmColumns): Float64Array =>
  monetary.filter((value, i) => frequency[i]! > 0 && value > 0);

import { mean } from '../../../../math.js';
import { fitOrderValues } from './fit-order-values.js';
import { minRepeatBuyers, type PriorForm } from '../fit-prior.js';
import type { RfmColumns } from '../rfm-summary.js';
import { ofRepeatBuyers } from './spend-rows.js';

/** In nats. As in `learnPriorForm`: `inAll` are odds of 20 to 1. */
const leastGain = { inAll: 3, perBuyer: 0.005 };

/** In mean repeat values. */
const limits = [10, 6, 4, 3, 2];
/** Where order values merely spread more widely than Gamma-Gamma has it, a limit gains up to 0.007 a buyer, and predicts no better. */
const leastGainOfLimit = { inAll: 10, perBuyer: 0.02 };

/**
 * Whether the repeat buyers' order values are likelier log-normal than Gamma-Gamma, or the mean of that is off. If not, up to what limit a
 * first purchase is evidence of the value of later ones: some are of another kind, such as gifts in memory of somebody, and much larger
 * than whatever follows.
 */
export function learnOrderValues(columns: RfmColumns): Pick<PriorForm, 'logNormalValues' | 'firstValueLimit'> {
  const values = ofRepeatBuyers(columns, 'monetary');
  if (values.length < minRepeatBuyers) return { logNormalValues: false };
  const isEnough = (gain: number, { inAll, perBuyer }: typeof leastGain) =>
    gain >= Math.max(inAll, perBuyer * values.length);
  const { logLikelihood, logNormalGain, isOff } = fitOrderValues(columns, { enough: true, logNormal: true });
  if (isEnough(logNormalGain, leastGain) || isOff) return { logNormalValues: true };
  const gainBy = (firstValueLimit: number) =>
    fitOrderValues(columns, { enough: true, firstValueLimit }).logLikelihood - (logLikelihood - logNormalGain);
  const largest = ofRepeatBuyers(columns, 'firstValue').reduce((left, right) => Math.max(left, right));
  const best = limits
    .map((times) => times * mean(values))
    // A limit that no first purchase exceeds changes nothing.
    .filter((limit) => limit < largest)
    .map((limit) => ({ limit, gain: gainBy(limit) }))
    .reduce((left, right) => (right.gain > left.gain ? right : left), { limit: 0, gain: 0 });
  if (!isEnough(best.gain, leastGainOfLimit)) return { logNormalValues: false };
  return { logNormalValues: false, firstValueLimit: best.limit };
}

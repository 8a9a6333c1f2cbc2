import { fitOrderValues } from './fit-order-values.js';
import { minRepeatBuyers } from '../fit-prior.js';
import type { RfmColumns } from '../rfm-summary.js';

/** In nats: odds of 20 to 1, and as much a buyer as a prior's form must gain at least. */
const leastGain = { inAll: 3, perBuyer: 0.005 };

/** Whether the repeat buyers' order values are likelier log-normal than Gamma-Gamma. */
export function areLogNormal(columns: RfmColumns): boolean {
  const buyers = columns.frequency.filter((x, i) => x > 0 && columns.monetary[i]! > 0).length;
  if (buyers < minRepeatBuyers) return false;
  const { logNormalGain } = fitOrderValues(columns, { enough: true, logNormal: true });
  return logNormalGain >= Math.max(leastGain.inAll, leastGain.perBuyer * buyers);
}

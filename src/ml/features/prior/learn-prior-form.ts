import type { RepeatPurchases } from '../repeat-purchases.js';
import { toPurchaseRows } from './bg-nbd.js';
import { fitPurchases, type PriorForm, WEEK_DAYS } from './fit-prior.js';
import { learnPurchaseClock } from './learn-purchase-clock.js';
import { columnsOnClock } from './purchase-clock.js';
import type { RfmColumns } from './rfm-summary.js';

/** In nats: in all, odds of 20 to 1; a customer, so that a large base is not told by what hardly matters. */
const leastGain = { inAll: 3, perCustomer: 0.005 };

/**
 * The clock, and whether the purchases are likelier where customers may leave after the first one already.
 * @param columns customers as of `asOf`, in calendar days
 * @param repeats their repeat purchases before it
 */
export function learnPriorForm(columns: RfmColumns, repeats: readonly RepeatPurchases[], asOf: Date): PriorForm {
  const clock = learnPurchaseClock(columns, repeats, asOf);
  const rows = toPurchaseRows(columnsOnClock(clock, columns, asOf), WEEK_DAYS);
  const likelihood = (leavesAtFirst: boolean) => fitPurchases(rows, true, leavesAtFirst).logLikelihood;
  const least = Math.max(leastGain.inAll, leastGain.perCustomer * rows.total);
  return { ...clock, leavesAtFirst: likelihood(true) - likelihood(false) >= least };
}

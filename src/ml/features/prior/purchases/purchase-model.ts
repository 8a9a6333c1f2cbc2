import type { EarlierCustomers } from '../earlier-customers/earlier-customers.js';
import { earlierLogLikelihood } from '../earlier-customers/earlier-likelihood.js';
import {
  bgNbdAlive,
  bgNbdBuys,
  bgNbdLogLikelihood,
  type BgNbdParameters,
  bgNbdPurchases,
  bgNbdSilent,
} from './bg-nbd.js';
import {
  paretoNbdAlive,
  paretoNbdBuys,
  paretoNbdLogLikelihood,
  paretoNbdPurchases,
  paretoNbdSilent,
} from './pareto-nbd.js';
import type { PurchaseRows } from './purchase-rows.js';
import type { Times, TimesAhead } from './times.js';

/** How often customers buy and when they leave: BG/NBD, plain or modified, or Pareto/NBD. */
export interface PurchaseParameters extends BgNbdParameters {
  /**
   * Whether it is Pareto/NBD: customers leave at any time, at a rate of their own mu ~ Gamma(a, b), b in time units. Absent where they
   * leave after purchases.
   */
  readonly leavesWithTime?: boolean;
  /** BG/NBD only; absent where all customers are taken to have come after history began. */
  readonly earlier?: EarlierCustomers;
}

/** Log-likelihood of all customers, and its gradient by (r, alpha, a, b) into `gradient`. */
export function purchasesLogLikelihood(
  parameters: PurchaseParameters,
  rows: PurchaseRows,
  gradient: Float64Array,
): number {
  const { earlier } = parameters;
  const { wait } = rows;
  if (parameters.leavesWithTime) return paretoNbdLogLikelihood(parameters, rows, gradient);
  if (!earlier || !wait) return bgNbdLogLikelihood(parameters, rows, gradient);
  return earlierLogLikelihood(parameters, earlier.length, { ...rows, wait }, gradient);
}

// In what follows, `times` are on the clock of purchases, and `leaving` on that of leaving, which only Pareto/NBD reads; in time units.

/** P(alive at T | x, t_x, T). */
export function probabilityAlive(parameters: PurchaseParameters, x: number, times: Times, leaving = times): number {
  return parameters.leavesWithTime ? paretoNbdAlive(parameters, x, times, leaving) : bgNbdAlive(parameters, x, times);
}

/** P(x = 0 at T). */
export function silentProbability(parameters: PurchaseParameters, times: Times, leaving = times): number {
  return parameters.leavesWithTime ? paretoNbdSilent(parameters, times, leaving) : bgNbdSilent(parameters, times);
}

/** P(at least one purchase in (T, T + t] | alive at T, x, T). */
export function purchaseProbabilityIfAlive(
  parameters: PurchaseParameters,
  x: number,
  times: TimesAhead,
  leaving = times,
): number {
  return parameters.leavesWithTime ? paretoNbdBuys(parameters, x, times, leaving) : bgNbdBuys(parameters, x, times);
}

/** E[purchases in (T, T + t] | alive at T, x, T]. */
export function expectedPurchasesIfAlive(
  parameters: PurchaseParameters,
  x: number,
  times: TimesAhead,
  leaving = times,
): number {
  return parameters.leavesWithTime
    ? paretoNbdPurchases(parameters, x, times, leaving)
    : bgNbdPurchases(parameters, x, times);
}

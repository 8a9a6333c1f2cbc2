import type { BtydPrior } from './fit-prior.js';
import { predictPrior } from './predict-prior.js';
import type { RfmSummary } from './rfm-summary.js';
import { horizonOnClock } from './clock/purchase-clock.js';

/** Up to this multiple of the longest horizon that was learnt, the rate of what was learnt is carried on. */
const carriedMultiple = 2;

type Declining = Pick<BtydPrior, 'leavesAtFirst' | 'leavesWithTime' | 'yearly'>;

interface Horizons {
  readonly horizonDays: number;
  readonly learntDays: number;
}

/**
 * Natural log of what the prior's expected value E(H) is multiplied by over a horizon H that is longer than the longest learnt one, h.
 * Beyond h BG/NBD declines more steeply than shops do. So the rate over h is carried on to 2h, and only what lies beyond follows the
 * decline: E(h) · 2h/h + E(H) - E(2h), in place of E(H). Modified BG/NBD and Pareto/NBD, which let one-time buyers leave, and BG/BB are
 * used as they are.
 *
 * @param customer in calendar days, as of `asOf`
 * @returns 0 where nothing is carried on
 */
export function carriedOn(prior: BtydPrior, customer: RfmSummary, horizons: Horizons, asOf: Date): number {
  if (!isCarriedOn(prior, horizons)) return 0;
  const expected = (days: number) => predictPrior(prior, customer, days, asOf).expectedValue;
  const length = (days: number) => horizonOnClock(prior, customer.age, days, asOf);
  const log = Math.log(carriedValue(prior, expected, length, horizons) / expected(horizons.horizonDays));
  return Number.isFinite(log) ? log : 0;
}

/**
 * What is expected over `horizonDays` by that rule.
 * @param expected the prior's value over so many days
 * @param length of so many days on the customer's clock
 */
export function carriedValue(
  prior: Declining,
  expected: (days: number) => number,
  length: (days: number) => number,
  horizons: Horizons,
): number {
  const { horizonDays, learntDays } = horizons;
  if (!isCarriedOn(prior, horizons)) return expected(horizonDays);
  const carriedDays = Math.min(horizonDays, carriedMultiple * learntDays);
  const beyond = carriedDays < horizonDays ? expected(horizonDays) - expected(carriedDays) : 0;
  const learnt = length(learntDays);
  // A clock that has faded to nothing stands still.
  const carried = learnt > 0 ? (expected(learntDays) * length(carriedDays)) / learnt : expected(carriedDays);
  return carried + beyond;
}

function isCarriedOn(prior: Declining, { horizonDays, learntDays }: Horizons): boolean {
  return horizonDays > learntDays && !prior.leavesAtFirst && !prior.leavesWithTime && !prior.yearly;
}

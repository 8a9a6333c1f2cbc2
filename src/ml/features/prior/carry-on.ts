import type { BtydPrior } from './fit-prior.js';
import { predictPrior } from './predict-prior.js';
import type { RfmSummary } from './rfm-summary.js';
import { horizonOnClock } from './purchase-clock.js';

/** Up to this multiple of the longest horizon that was learnt, the rate of what was learnt is carried on. */
const CARRIED_MULTIPLE = 2;

/**
 * Natural log of what the prior's expected value is multiplied by over a horizon longer than any whose outcome has been
 * seen. BG/NBD's decline beyond what it was checked on is steeper than shops show, so the rate of the learnt horizon h is
 * carried on to 2h, and only what lies beyond follows the decline: E(h) · 2h/h + E(H) - E(2h), in place of E(H).
 *
 * @param customer in calendar days, as of `asOf`
 * @returns 0 for a horizon no longer than `learntDays`
 */
export function carriedOn(
  prior: BtydPrior,
  customer: RfmSummary,
  { horizonDays, learntDays }: { readonly horizonDays: number; readonly learntDays: number },
  asOf: Date,
): number {
  if (horizonDays <= learntDays) return 0;
  const expected = (days: number) => predictPrior(prior, customer, days, asOf).expectedValue;
  const length = (days: number) => horizonOnClock(prior, customer.age, days, asOf);
  const log = Math.log(carriedValue(expected, length, { horizonDays, learntDays }) / expected(horizonDays));
  return Number.isFinite(log) ? log : 0;
}

/**
 * What is expected over `horizonDays` by that rule.
 * @param expected the prior's value over so many days
 * @param length of so many days on the customer's clock
 */
export function carriedValue(
  expected: (days: number) => number,
  length: (days: number) => number,
  { horizonDays, learntDays }: { readonly horizonDays: number; readonly learntDays: number },
): number {
  if (horizonDays <= learntDays) return expected(horizonDays);
  const carriedDays = Math.min(horizonDays, CARRIED_MULTIPLE * learntDays);
  const beyond = carriedDays < horizonDays ? expected(horizonDays) - expected(carriedDays) : 0;
  return (expected(learntDays) * length(carriedDays)) / length(learntDays) + beyond;
}

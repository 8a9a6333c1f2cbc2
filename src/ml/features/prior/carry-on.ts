import type { BtydPrior } from './fit-prior.js';
import { predictPrior } from './predict-prior.js';
import type { RfmSummary } from './rfm-summary.js';
import { seasonalHorizon } from './sales-season.js';

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
  const log = Math.log(carriedValue(prior, expected, { horizonDays, learntDays }, asOf) / expected(horizonDays));
  return Number.isFinite(log) ? log : 0;
}

/** What is expected over `horizonDays` by that rule. @param expected the prior's value, of one customer or of many */
export function carriedValue(
  { season }: BtydPrior,
  expected: (days: number) => number,
  { horizonDays, learntDays }: { readonly horizonDays: number; readonly learntDays: number },
  asOf: Date,
): number {
  if (horizonDays <= learntDays) return expected(horizonDays);
  const length = (days: number) => seasonalHorizon(season, asOf, days);
  const carriedDays = Math.min(horizonDays, CARRIED_MULTIPLE * learntDays);
  const beyond = carriedDays < horizonDays ? expected(horizonDays) - expected(carriedDays) : 0;
  return (expected(learntDays) * length(carriedDays)) / length(learntDays) + beyond;
}

import { dayNumber } from '../../../../days.js';
import type { RfmSummary } from '../rfm-summary.js';
import { yearsAt, type YearlyClock } from './yearly-clock.js';

/** What is known of a customer by years. */
export interface YearlyHistory {
  /** Repeat purchases. */
  readonly purchases: number;
  /** The year of the last purchase, counted from that of the first one. */
  readonly last: number;
  /** The present year, counted so. */
  readonly present: number;
  /** How much of the first year was left after the first purchase, up to the as-of date. */
  readonly firstPart: number;
  /** How much of the present year has passed. */
  readonly passed: number;
}

/** Purchases are known by the day. */
const noon = 0.5;

/** @param customer in calendar days, as of `asOf` */
export function yearlyHistory(
  years: YearlyClock,
  { frequency, recency, age }: Pick<RfmSummary, 'frequency' | 'recency' | 'age'>,
  asOf: Date,
): YearlyHistory {
  const now = dayNumber(asOf);
  const [began, bought, today] = [now - age + noon, now - age + recency + noon, now].map((day) => yearsAt(years, day));
  const first = Math.floor(began!);
  const last = Math.floor(bought!) - first;
  return {
    purchases: frequency,
    last,
    // A purchase of today may be of a year that begins at noon.
    present: Math.max(Math.floor(today!) - first, last),
    firstPart: Math.max(Math.min(today!, first + 1) - began!, 0),
    passed: today! - Math.floor(today!),
  };
}

import type { RfmColumns, RfmSummary } from './rfm-summary.js';
import {
  columnsInSeasonalTime,
  inSeasonalTime,
  type SalesSeason,
  seasonalAge,
  seasonalHorizon,
} from './sales-season.js';
import { columnsInTenureTime, inTenureTime, tenureHorizon } from './tenure-clock.js';

/** The clock on which a shop's customers buy at constant rates: seasonal time, and tenure time of that. */
export interface PurchaseClock {
  readonly season: SalesSeason | null;
  /** How much more often customers buy right after their first purchase than later; 0 where it is no more. */
  readonly earlyGain: number;
}

/** @param customer in calendar days, as of `asOf` */
export function onClock({ season, earlyGain }: PurchaseClock, customer: RfmSummary, asOf: Date): RfmSummary {
  return inTenureTime(earlyGain, season ? inSeasonalTime(season, customer, asOf) : customer);
}

export function columnsOnClock({ season, earlyGain }: PurchaseClock, columns: RfmColumns, asOf: Date): RfmColumns {
  return columnsInTenureTime(earlyGain, season ? columnsInSeasonalTime(season, columns, asOf) : columns);
}

/**
 * @param age of the customer, in calendar days
 * @returns the length of [asOf, asOf + horizon) on that customer's clock, in days
 */
export function horizonOnClock(
  { season, earlyGain }: PurchaseClock,
  age: number,
  horizonDays: number,
  asOf: Date,
): number {
  const length = seasonalHorizon(season, asOf, horizonDays);
  return earlyGain === 0 ? length : tenureHorizon(earlyGain, seasonalAge(season, age, asOf), length);
}

import type { RfmColumns, RfmSummary } from './rfm-summary.js';
import { columnsInShopTime, inShopTime, shopAge, type ShopClock, shopHorizon, shopLength } from './shop-clock.js';
import { columnsInTenureTime, inTenureTime, logTenureSpeed, tenureHorizon } from './tenure-clock.js';

/** The clock on which a shop's customers buy at constant rates: shop time, and tenure time of that. */
export interface PurchaseClock extends ShopClock {
  /** How much more often customers buy right after their first purchase than later; 0 where it is no more. */
  readonly earlyGain: number;
}

/** @param customer in calendar days, as of `asOf` */
export function onClock(clock: PurchaseClock, customer: RfmSummary, asOf: Date): RfmSummary {
  return inTenureTime(clock.earlyGain, inShopTime(clock, customer, asOf));
}

export function columnsOnClock(clock: PurchaseClock, columns: RfmColumns, asOf: Date): RfmColumns {
  return columnsInTenureTime(clock.earlyGain, columnsInShopTime(clock, columns, asOf));
}

/**
 * @param age of the customer, in calendar days
 * @returns the length of [asOf, asOf + horizon) on that customer's clock, in days
 */
export function horizonOnClock(clock: PurchaseClock, age: number, horizonDays: number, asOf: Date): number {
  const length = shopHorizon(clock, asOf, horizonDays);
  return clock.earlyGain === 0 ? length : tenureHorizon(clock.earlyGain, shopAge(clock, age, asOf), length);
}

/**
 * @param firstDay of the customer, and the day of a purchase, in days since 1970-01-01
 * @returns natural log of how fast the clock runs then, beside its season
 */
export function logSpeedAt(clock: PurchaseClock, firstDay: number, day: number): number {
  const ofPace = clock.pace && day < clock.pace.day ? Math.log(clock.pace.before) : 0;
  return clock.earlyGain === 0 ? ofPace : ofPace + logTenureSpeed(clock.earlyGain, shopLength(clock, firstDay, day));
}

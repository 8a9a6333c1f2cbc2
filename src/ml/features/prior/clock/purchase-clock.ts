import { dayNumber } from '../../../../days.js';
import { type EarlierCustomers, waitOf } from '../earlier-customers/earlier-customers.js';
import type { RfmColumns, RfmSummary } from '../rfm-summary.js';
import { columnsInShopTime, inShopTime, shopAge, type ShopClock, shopHorizon, shopLength } from './shop-clock.js';
import { type Newcomers, paceOf } from '../newcomers/newcomers.js';
import type { BgNbdParameters } from '../purchases/bg-nbd.js';
import { columnsInTenureTime, inTenureTime, logTenureSpeed, tenureHorizon, tenureTime } from './tenure-clock.js';

/** The clock on which a shop's customers buy at constant rates: shop time, tenure time of that, and this at a newcomer's pace. */
export interface PurchaseClock extends ShopClock {
  /** How much more often customers buy right after their first purchase than later; 0 where it is no more. */
  readonly earlyGain: number;
  /** Absent where those who came lately are as the others. */
  readonly newcomers?: Newcomers;
  /** Absent where history begins with the shop's first customers. */
  readonly earlier?: EarlierCustomers;
}

/** In days since 1970-01-01. */
export const firstDayOf = (age: number, asOf: Date): number => dayNumber(asOf) - age;

/** @param customer in calendar days, as of `asOf` */
export function onClock(clock: PurchaseClock, customer: RfmSummary, asOf: Date): RfmSummary {
  const timed = inTenureTime(clock.earlyGain, inShopTime(clock, customer, asOf));
  const pace = paceOf(clock.newcomers, firstDayOf(customer.age, asOf));
  return { ...timed, recency: timed.recency * pace, age: timed.age * pace };
}

/** Customers' times on a clock. */
export interface TimedColumns extends RfmColumns {
  /** Days from the beginning of history to the first purchase, where the clock knows of earlier customers. */
  wait?: Float64Array;
  /** As in `PurchaseRows`: customers whose time runs slowly, but who leave no later, stay for less of it. */
  stay?: Float64Array;
}

export function columnsOnClock(
  clock: PurchaseClock & Pick<BgNbdParameters, 'leavesWithTime'>,
  columns: RfmColumns,
  asOf: Date,
): TimedColumns {
  const { newcomers, earlier, leavesWithTime } = clock;
  const timed = {
    ...columnsInTenureTime(clock.earlyGain, columnsInShopTime(clock, columns, asOf)),
    ...(earlier && { wait: columns.age.map((age) => waitOf(clock, earlier, firstDayOf(age, asOf))) }),
  };
  if (!newcomers) return timed;
  const paces = columns.age.map((age) => paceOf(newcomers, firstDayOf(age, asOf)));
  const atTheirPace = (days: Float64Array) => days.map((value, i) => value * paces[i]!);
  return {
    ...timed,
    recency: atTheirPace(timed.recency),
    age: atTheirPace(timed.age),
    ...(leavesWithTime && { stay: paces }),
  };
}

/**
 * @param age of the customer, in calendar days
 * @returns the length of [asOf, asOf + horizon) on that customer's clock, in days
 */
export function horizonOnClock(clock: PurchaseClock, age: number, horizonDays: number, asOf: Date): number {
  const length = shopHorizon(clock, asOf, horizonDays);
  const pace = paceOf(clock.newcomers, firstDayOf(age, asOf));
  return pace * (clock.earlyGain === 0 ? length : tenureHorizon(clock.earlyGain, shopAge(clock, age, asOf), length));
}

/**
 * @param firstDay of a customer, and a later day, in days since 1970-01-01
 * @returns the days between on the customer's clock, but for a newcomer's pace
 */
export function timeSinceFirst(clock: PurchaseClock, firstDay: number, day: number): number {
  return tenureTime(clock.earlyGain, shopLength(clock, firstDay, day));
}

/**
 * @param firstDay of the customer, and the day of a purchase, in days since 1970-01-01
 * @returns natural log of how fast the clock runs then, beside its season
 */
export function logSpeedAt(clock: PurchaseClock, firstDay: number, day: number): number {
  const { pace, surge, earlyGain } = clock;
  const ofPace = pace && day < pace.day ? Math.log(pace.before) : 0;
  const ofSurge = surge && day >= surge.from && day < surge.to ? Math.log(surge.times) : 0;
  const ofShop = ofPace + ofSurge;
  return earlyGain === 0 ? ofShop : ofShop + logTenureSpeed(earlyGain, shopLength(clock, firstDay, day));
}

/** Customers by the day of their first purchase, as `firstDayOf` has it. */
export function arrivalsByDay({ age }: Pick<RfmColumns, 'age'>, asOf: Date): Map<number, number> {
  const arrivals = new Map<number, number>();
  for (const days of age) {
    const firstDay = firstDayOf(days, asOf);
    arrivals.set(firstDay, (arrivals.get(firstDay) ?? 0) + 1);
  }
  return arrivals;
}

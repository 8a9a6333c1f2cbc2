import { dayNumber } from '../../../../days.js';
import { type EarlierCustomers, waitOf } from '../earlier-customers/earlier-customers.js';
import type { RfmColumns, RfmSummary } from '../rfm-summary.js';
import {
  columnsInShopTime,
  inShopTime,
  paceOn,
  shopAge,
  type ShopClock,
  shopHorizon,
  shopLength,
  turnOf,
} from './shop-clock.js';
import { type Newcomers, paceOf } from '../newcomers/newcomers.js';
import type { PurchaseParameters } from '../purchases/purchase-model.js';
import type { Times, TimesAhead, TimesOnBoth } from '../purchases/times.js';
import type { PurchaseColumns } from '../purchases/purchase-rows.js';
import {
  columnsInTenureTime,
  inTenureTime,
  isEven,
  logTenureSpeed,
  type TenureClock,
  tenureHorizon,
  tenureTime,
} from './tenure-clock.js';

/**
 * The clock on which each customer buys at a constant rate. Three steps lead to it: shop time (`ShopClock`), tenure time of that
 * (`tenureTime`), and a newcomer's pace (`paceOf`). On the clock of leaving customers leave at a constant rate: it is the same without
 * changes of the shop's pace and without a newcomer's pace.
 */
export interface PurchaseClock extends ShopClock, TenureClock {
  /** Absent where those who came lately are as the others. */
  readonly newcomers?: Newcomers;
  /** Absent where history begins with the shop's first customers. */
  readonly earlier?: EarlierCustomers;
}

/** The day of the first purchase of a customer of that age, in days since 1970-01-01. */
export const firstDayOf = (age: number, asOf: Date): number => dayNumber(asOf) - age;

/**
 * @param customer in calendar days, as of `asOf`
 * @returns in days of each clock
 */
export function onClock(clock: PurchaseClock, customer: RfmSummary, asOf: Date): TimesOnBoth {
  const shared = inTenureTime(clock, inShopTime(clock, customer, asOf));
  const firstDay = firstDayOf(customer.age, asOf);
  const { slow, leaving } = leavingTimes(clock, firstDay, shared, asOf);
  const pace = paceOf(clock.newcomers, firstDay);
  return { recency: shared.recency * pace, age: shared.age * pace, slow: slow * pace, leaving };
}

/** Customers with their times on a clock, in its days. */
export interface TimedColumns extends RfmColumns, PurchaseColumns {}

export function columnsOnClock(
  clock: PurchaseClock & Pick<PurchaseParameters, 'leavesWithTime'>,
  columns: RfmColumns,
  asOf: Date,
): TimedColumns {
  const { newcomers, earlier, pace, leavesWithTime } = clock;
  const shared = columnsInTenureTime(clock, columnsInShopTime(clock, columns, asOf));
  const timed = {
    ...shared,
    ...(earlier && { wait: columns.age.map((age) => waitOf(clock, earlier, firstDayOf(age, asOf))) }),
    ...(leavesWithTime && (pace ?? newcomers) && leavingColumns(clock, columns.age, shared, asOf)),
  };
  if (!newcomers) return timed;
  const paces = columns.age.map((age) => paceOf(newcomers, firstDayOf(age, asOf)));
  const atTheirPace = (days: Float64Array) => days.map((value, i) => value * paces[i]!);
  const { recency, age, slow } = timed;
  return {
    ...timed,
    recency: atTheirPace(recency),
    age: atTheirPace(age),
    ...(slow && { slow: atTheirPace(slow) }),
  };
}

/**
 * A change of the pace changes how often customers buy, not how soon they leave. A day on the clock of purchases before it is
 * therefore 1 / `pace.before` days on the clock of leaving; since then the two clocks run alike. An even change counts as one at
 * its turn: over the whole of it, about as much time passes on the clock of leaving as by the calendar.
 * @param shared the customer's times on the clock of purchases, but for a newcomer's pace
 */
function leavingTimes(
  clock: PurchaseClock,
  firstDay: number,
  { recency, age }: Pick<Times, 'recency' | 'age'>,
  asOf: Date,
): Pick<TimesOnBoth, 'slow' | 'leaving'> {
  const { pace } = clock;
  if (!pace || firstDay >= turnOf(pace)) return { slow: 0, leaving: { recency, age, slow: 0 } };
  // As of a date before the change, as in older training windows, all of the customer's time lies before it.
  const change = timeSinceFirst(clock, firstDay, Math.min(turnOf(pace), dayNumber(asOf)));
  const longer = 1 / pace.before - 1;
  const slow = Math.max(0, change - recency);
  const leaving = {
    recency: recency + longer * Math.min(recency, change),
    age: age + longer * change,
    slow: slow / pace.before,
  };
  return { slow, leaving };
}

function leavingColumns(
  clock: PurchaseClock,
  ages: Float64Array,
  shared: RfmColumns,
  asOf: Date,
): Required<Pick<TimedColumns, 'slow' | 'leaving'>> {
  const times = Array.from(ages, (age, i) =>
    leavingTimes(clock, firstDayOf(age, asOf), { recency: shared.recency[i]!, age: shared.age[i]! }, asOf),
  );
  const column = (read: (each: (typeof times)[number]) => number) => Float64Array.from(times, read);
  return {
    slow: column(({ slow }) => slow),
    leaving: {
      recency: column(({ leaving }) => leaving.recency),
      age: column(({ leaving }) => leaving.age),
      slow: column(({ leaving }) => leaving.slow),
    },
  };
}

/**
 * @param age of the customer, in calendar days
 * @returns the length of [asOf, asOf + horizon) on that customer's clock, in days
 */
export function horizonOnClock(clock: PurchaseClock, age: number, horizonDays: number, asOf: Date): number {
  return aheadOnClock(clock, age, horizonDays, asOf).times.t;
}

/** One customer's horizon, on the clock of purchases and on that of leaving. */
interface Ahead {
  readonly times: Horizon;
  readonly leaving: Horizon;
}

/** Its length, and how much of that lies before the day when the pace changes; as in `TimesAhead`. */
type Horizon = Pick<TimesAhead, 't' | 'slow'>;

/**
 * @param age of the customer, in calendar days
 * @returns [asOf, asOf + horizon), in days of each clock
 */
export function aheadOnClock(clock: PurchaseClock, age: number, horizonDays: number, asOf: Date): Ahead {
  const own = paceOf(clock.newcomers, firstDayOf(age, asOf));
  const t = sharedHorizon(clock, age, horizonDays, asOf);
  const { pace } = clock;
  const slowDays = pace ? Math.min(horizonDays, turnOf(pace) - dayNumber(asOf)) : 0;
  if (!pace || slowDays <= 0) return { times: { t: own * t, slow: 0 }, leaving: { t, slow: 0 } };
  const slow = sharedHorizon(clock, age, slowDays, asOf);
  const leaving = { t: t + (1 / pace.before - 1) * slow, slow: slow / pace.before };
  return { times: { t: own * t, slow: own * slow }, leaving };
}

/** The length of the horizon on the clock of purchases, but for a newcomer's pace. */
function sharedHorizon(clock: PurchaseClock, age: number, horizonDays: number, asOf: Date): number {
  const length = shopHorizon(clock, asOf, horizonDays);
  return isEven(clock) ? length : tenureHorizon(clock, shopAge(clock, age, asOf), length);
}

/**
 * @param firstDay of a customer, and a later day, in days since 1970-01-01
 * @returns the days between on the customer's clock, but for a newcomer's pace
 */
export function timeSinceFirst(clock: PurchaseClock, firstDay: number, day: number): number {
  return tenureTime(clock, shopLength(clock, firstDay, day));
}

/**
 * @param firstDay of the customer, and the day of a purchase, in days since 1970-01-01
 * @returns natural log of how fast the clock runs then, beside its season
 */
export function logSpeedAt(clock: PurchaseClock, firstDay: number, day: number): number {
  const { pace, surge } = clock;
  const ofPace = pace ? Math.log(paceOn({ ...clock, pace }, day)) : 0;
  const ofSurge = surge && day >= surge.from && day < surge.to ? Math.log(surge.times) : 0;
  const ofShop = ofPace + ofSurge;
  return isEven(clock) ? ofShop : ofShop + logTenureSpeed(clock, shopLength(clock, firstDay, day));
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

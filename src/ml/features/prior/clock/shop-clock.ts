import { dayNumber } from '../../../../days.js';
import type { Closure } from './closures.js';
import type { RfmColumns, RfmSummary } from '../rfm-summary.js';
import { clock, type SalesSeason } from './sales-season.js';

/**
 * Before `day` (since 1970-01-01, UTC) customers bought `before` times as often as they have since: below 1 if the pace rose, above 1 if
 * it fell.
 */
export interface PaceChange {
  readonly day: number;
  readonly before: number;
  /** The pace went evenly from the one to the other up to this day; absent where it changed at once. */
  readonly until?: number;
}

/** From that day on the pace is today's. */
export const changedBy = ({ day, until = day }: PaceChange): number => until;

/** The day of the change, or of an even one the day in whose midst the pace is the geometric mean of both. */
export function turnOf({ day, before, until = day }: PaceChange): number {
  const passed = Math.sqrt(before);
  return day + Math.round(((until - day) * passed) / (1 + passed));
}

/**
 * From `from` up to `to` (days since 1970-01-01, UTC) customers bought `times` times as often as before and since: above 1 if the time was
 * busy, below 1 if it was quiet.
 */
export interface Surge {
  readonly from: number;
  readonly to: number;
  readonly times: number;
}

/**
 * What makes all customers of a shop buy more often at some times than at others: months of the year, a rise or a fall of the pace,
 * closures, a surge. On the clock of *shop time*, which runs in proportion to all of them, rates of purchase are constant (see
 * `SalesSeason`). A day of it is as long as a mean day of the year at today's pace.
 */
export interface ShopClock {
  readonly season: SalesSeason | null;
  readonly pace: PaceChange | null;
  /** Days that hardly pass; absent where there are none. */
  readonly closures?: readonly Closure[];
  readonly surge?: Surge;
}

/** How fast shop time passes during a closure: not 0, since an order in it would then be impossible. */
const closedSpeed = 0.01;

/** Days of shop time since 1970-01-01 of an instant, given in days since then. */
export function shopTime(shop: ShopClock, day: number): number {
  const { closures = [] } = shop;
  let time = openTime(shop, day);
  for (const { from, to } of closures) time -= (1 - closedSpeed) * lengthOf(openTime, shop, from, Math.min(day, to));
  return time;
}

/** Shop time as if the shop had never been closed. A closure within a surge cuts the surge short. */
function openTime(shop: ShopClock, day: number): number {
  const { surge } = shop;
  const time = evenTime(shop, day);
  return surge ? time + (surge.times - 1) * lengthOf(evenTime, shop, surge.from, Math.min(day, surge.to)) : time;
}

function lengthOf(time: (shop: ShopClock, day: number) => number, shop: ShopClock, from: number, to: number): number {
  return to > from ? time(shop, to) - time(shop, from) : 0;
}

/** Shop time as if the shop had had no surge, either. */
function evenTime({ season, pace }: ShopClock, day: number): number {
  const time = seasonalTime(season, day);
  if (!pace || day >= changedBy(pace)) return time;
  const rise = seasonalTime(season, pace.day);
  if (pace.until === undefined) return rise - pace.before * (rise - time);
  const risen = seasonalTime(season, pace.until);
  const [length, lack] = [risen - rise, 1 - pace.before];
  // Within the change the speed falls, backwards, from 1 to `before` in proportion to the time.
  const within = Math.min(risen - time, length);
  return risen - (within - (lack * within ** 2) / (2 * length)) - pace.before * Math.max(0, rise - time);
}

const seasonalTime = (season: SalesSeason | null, day: number): number => (season ? clock(season, day) : day);

const isCalendar = ({ season, pace, closures, surge }: ShopClock): boolean => !season && !pace && !closures && !surge;

/** @returns the length of the days from `from` to `to`, given in days since 1970-01-01 */
export function shopLength(shop: ShopClock, from: number, to: number): number {
  return isCalendar(shop) ? to - from : shopTime(shop, to) - shopTime(shop, from);
}

/** @returns the pace at an instant, given in days since 1970-01-01, as a multiple of today's */
export function paceOn(shop: ShopClock & { readonly pace: PaceChange }, day: number): number {
  const { season, pace } = shop;
  if (day >= changedBy(pace)) return 1;
  if (day < pace.day) return pace.before;
  const length = (from: number, to: number) => shopLength({ season, pace: null }, from, to);
  return 1 - ((1 - pace.before) * length(day, changedBy(pace))) / length(pace.day, changedBy(pace));
}

/** @returns `age` days before `asOf`, in days of shop time */
export function shopAge(shop: ShopClock, age: number, asOf: Date): number {
  const now = dayNumber(asOf);
  return shopLength(shop, now - age, now);
}

/** @returns the length of [asOf, asOf + horizon) in days of shop time */
export function shopHorizon(shop: ShopClock, asOf: Date, horizonDays: number): number {
  const now = dayNumber(asOf);
  return shopLength(shop, now, now + horizonDays);
}

/** The same customer in shop time. */
export function inShopTime(shop: ShopClock, customer: RfmSummary, asOf: Date): RfmSummary {
  const first = dayNumber(asOf) - customer.age;
  return {
    ...customer,
    recency: shopLength(shop, first, first + customer.recency),
    age: shopAge(shop, customer.age, asOf),
  };
}

export function columnsInShopTime(shop: ShopClock, columns: RfmColumns, asOf: Date): RfmColumns {
  if (isCalendar(shop)) return columns;
  const now = dayNumber(asOf);
  const times = new Map<number, number>();
  const read = (day: number) => {
    const known = times.get(day);
    if (known !== undefined) return known;
    const value = shopTime(shop, day);
    times.set(day, value);
    return value;
  };
  const { age, recency } = columns;
  return {
    ...columns,
    age: age.map((days) => read(now) - read(now - days)),
    recency: recency.map((days, i) => read(now - age[i]! + days) - read(now - age[i]!)),
  };
}

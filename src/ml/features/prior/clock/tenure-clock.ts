import type { RfmColumns, RfmSummary } from '../rfm-summary.js';

/** Days in which the early surplus falls to 1/e. A longer time would take the ageing of a young shop for it. */
const earlyDays = 30;

/** How often customers buy as their time with the shop goes on. */
export interface TenureClock {
  /** How much more often customers buy right after their first purchase than later; 0 where it is no more. */
  readonly earlyGain: number;
  /** Absent where they go on buying as often for as long as they stay. */
  readonly fading?: Fading;
}

/** All buy less and less often: t days after the first purchase `floor + (1 - floor) exp(-t / days)` times as often. */
export interface Fading {
  /** In days of shop time. */
  readonly days: number;
  /** What remains of a customer's pace in the end: 0 (nothing) to 1. */
  readonly floor: number;
}

/**
 * Customers buy more often in the weeks after their first purchase than later: t days after it `1 + gain exp(-t / 30)` times as often (cf.
 * Fader, Hardie & Huang 2004, "A dynamic changepoint model for new product sales forecasting", whose rates change with the time since
 * trial), all of it times the factor of `Fading` where their pace fades. Rates in proportion to it are constant in *tenure time*, the
 * integral of that factor: a buy-till-you-die model with this covariate is the plain model with all its times measured on that clock.
 *
 * @param days since the first purchase
 * @returns days of tenure time
 */
export function tenureTime({ earlyGain, fading }: TenureClock, days: number): number {
  const early = (scale: number) => (earlyGain === 0 ? 0 : earlyGain * scale * Math.expm1(-days / scale));
  const even = days - early(earlyDays);
  if (!fading) return even;
  const both = 1 / (1 / earlyDays + 1 / fading.days);
  const falling = -fading.days * Math.expm1(-days / fading.days) - early(both);
  return fading.floor * even + (1 - fading.floor) * falling;
}

/** Natural log of how fast tenure time runs so many days after the first purchase: of the derivative of `tenureTime`. */
export function logTenureSpeed({ earlyGain, fading }: TenureClock, days: number): number {
  const early = Math.log1p(earlyGain * Math.exp(-days / earlyDays));
  return fading ? early + Math.log(fading.floor + (1 - fading.floor) * Math.exp(-days / fading.days)) : early;
}

/** Whether tenure time is the days that it is computed from, since customers buy as often all along. */
export const isEven = ({ earlyGain, fading }: TenureClock): boolean => earlyGain === 0 && !fading;

/** @returns the length of the `horizonDays` that follow `age` days on that clock */
export function tenureHorizon(clock: TenureClock, age: number, horizonDays: number): number {
  return tenureTime(clock, age + horizonDays) - tenureTime(clock, age);
}

export function inTenureTime(clock: TenureClock, customer: RfmSummary): RfmSummary {
  return { ...customer, recency: tenureTime(clock, customer.recency), age: tenureTime(clock, customer.age) };
}

export function columnsInTenureTime(clock: TenureClock, columns: RfmColumns): RfmColumns {
  if (isEven(clock)) return columns;
  const { recency, age } = columns;
  return {
    ...columns,
    recency: recency.map((days) => tenureTime(clock, days)),
    age: age.map((days) => tenureTime(clock, days)),
  };
}

import type { RfmColumns, RfmSummary } from '../rfm-summary.js';

/** Days in which the early surplus falls to 1/e. A longer time would take the ageing of a young shop for it. */
const fadingDays = 30;

/**
 * Customers buy more often in the weeks after their first purchase than later: t days after it `1 + gain exp(-t / 30)`
 * times as often (cf. Fader, Hardie & Huang 2004, "A dynamic changepoint model for new product sales forecasting", whose
 * rates change with the time since trial). Rates in proportion to it are constant in *tenure time*, the integral of that
 * factor: a buy-till-you-die model with this covariate is the plain model with all its times measured on that clock.
 *
 * @param days since the first purchase
 * @returns days of tenure time
 */
export function tenureTime(gain: number, days: number): number {
  return gain === 0 ? days : days - gain * fadingDays * Math.expm1(-days / fadingDays);
}

/** Natural log of how fast that clock runs. */
export function logTenureSpeed(gain: number, days: number): number {
  return Math.log1p(gain * Math.exp(-days / fadingDays));
}

/** @returns the length of the `horizonDays` that follow `age` days on that clock */
export function tenureHorizon(gain: number, age: number, horizonDays: number): number {
  return gain === 0 ? horizonDays : tenureTime(gain, age + horizonDays) - tenureTime(gain, age);
}

export function inTenureTime(gain: number, customer: RfmSummary): RfmSummary {
  return { ...customer, recency: tenureTime(gain, customer.recency), age: tenureTime(gain, customer.age) };
}

export function columnsInTenureTime(gain: number, columns: RfmColumns): RfmColumns {
  if (gain === 0) return columns;
  const { recency, age } = columns;
  return {
    ...columns,
    recency: recency.map((days) => tenureTime(gain, days)),
    age: age.map((days) => tenureTime(gain, days)),
  };
}

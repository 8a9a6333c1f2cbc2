import type { TimedColumns } from '../clock/purchase-clock.js';
import { eachTime, timesColumns } from '../purchases/times.js';
import type { CovariateEffect } from './covariate-effects.js';

/** One value a customer: natural logs of what their attributes multiply the rate of purchases by, and the rate of leaving with time. */
export interface RateEffects {
  readonly pace: Float64Array;
  readonly leaving: Float64Array;
}

export const rateEffectsOf = (effects: readonly Required<CovariateEffect>[]): RateEffects => ({
  pace: Float64Array.from(effects, ({ pace }) => pace),
  leaving: Float64Array.from(effects, ({ leaving }) => leaving),
});

/**
 * Each customer's times on clocks of their own, on which attributes make no difference: all buy as often and leave as soon.
 * @param leavesWithTime of the prior; else there is no clock of leaving
 */
export function inOwnTime(
  columns: TimedColumns,
  { pace, leaving }: RateEffects,
  leavesWithTime: boolean | undefined,
): TimedColumns {
  // A rate that is e^p times as high is the others' rate on a clock that runs e^p times as fast.
  const timesAsFast = (effects: Float64Array) => (days: Float64Array) =>
    days.map((value, i) => value * Math.exp(effects[i]!));
  const times = timesColumns(columns);
  const { recency, age, slow } = eachTime(times, timesAsFast(pace));
  return {
    ...columns,
    recency,
    age,
    ...(columns.wait && { wait: timesAsFast(pace)(columns.wait) }),
    ...(leavesWithTime && { slow, leaving: eachTime(columns.leaving ?? times, timesAsFast(leaving)) }),
  };
}

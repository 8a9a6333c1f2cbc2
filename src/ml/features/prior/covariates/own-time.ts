import type { TimedColumns } from '../clock/purchase-clock.js';
import { eachTime, timesColumns } from '../purchases/times.js';
import type { CovariateEffect } from './covariate-effects.js';

/** Natural logs, by customer, of what their attributes multiply: how often they buy, and the rate at which they leave with time. */
export interface RateEffects {
  readonly pace: Float64Array;
  readonly leaving: Float64Array;
}

export const rateEffectsOf = (effects: readonly Required<CovariateEffect>[]): RateEffects => ({
  pace: Float64Array.from(effects, ({ pace }) => pace),
  leaving: Float64Array.from(effects, ({ leaving }) => leaving),
});

/**
 * In each customer's own time, in which all buy as often, and leave as soon.
 * @param leavesWithTime of the prior
 */
export function inOwnTime(
  columns: TimedColumns,
  { pace, leaving }: RateEffects,
  leavesWithTime: boolean | undefined,
): TimedColumns {
  // Time that runs e^p times as fast is a rate e^p times as high.
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

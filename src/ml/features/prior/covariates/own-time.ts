import type { TimedColumns } from '../clock/purchase-clock.js';
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
 * In each customer's own time, in which all buy as often.
 * @param leavesWithTime of the prior
 */
export function inOwnTime(
  columns: TimedColumns,
  { pace, leaving }: RateEffects,
  leavesWithTime: boolean | undefined,
): TimedColumns {
  const { recency, age, wait, stay } = columns;
  // Time that runs e^p times as fast is a rate e^p times as high.
  const inTheirTime = (days: Float64Array) => days.map((value, i) => value * Math.exp(pace[i]!));
  return {
    ...columns,
    recency: inTheirTime(recency),
    age: inTheirTime(age),
    ...(wait && { wait: inTheirTime(wait) }),
    ...(leavesWithTime && { stay: age.map((_, i) => (stay?.[i] ?? 1) * Math.exp(pace[i]! - leaving[i]!)) }),
  };
}

import type { PredictionPeriod } from '../../predictions/prediction-store.js';
import type { ScoredBase } from '../../scoring/scored-base.js';

/** What a filter is relative to. */
export interface FilterScope extends ScoredBase {
  readonly asOf: Date;
}

/** The scope of a scored period, as of its date. */
export const scopeOf = (period: PredictionPeriod): FilterScope => ({
  asOf: period.asOf,
  scored: period,
  isModelActive: true,
});

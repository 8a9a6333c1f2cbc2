import type { PriorWarning } from '../../ml/features/prior/fit-prior.js';
import type { CleaningCounts } from '../../ml/features/cleaning-counts.js';

/** What a preprocessing run read, left out, changed and made. Kept in `Snapshot.report`. */
export interface SnapshotReport {
  readonly cleaning: CleaningCounts;
  readonly customers: {
    readonly read: number;
    /** With a purchase occasion before the as-of day: those who can be scored. */
    readonly kept: number;
    /** Everyone else, once each. */
    readonly dropped: readonly { readonly reason: DropReason; readonly count: number }[];
    /** Of those kept: first bought after the newest training window begins, so they are in no training row. */
    readonly tooNewToTrain: number;
  };
  readonly rows: {
    readonly train: number;
    readonly validation: number;
    /** Training rows before sampling down to `maxTrainingRows`. */
    readonly available: number;
    readonly sampledShare: number;
  };
  readonly labels: {
    /** Mean of the positive labels of training rows. */
    readonly meanPositive: number;
    readonly largest: number;
    /** Share of training rows with a positive label. */
    readonly positiveShare: number;
  };
  /** In training rows, per feature. Outliers are winsorised for the model only; missing values imputed by the median. */
  readonly features: readonly { readonly name: string; readonly outliers: number; readonly imputed: number }[];
  readonly windows: readonly {
    readonly asOf: string;
    readonly horizonDays: number;
    readonly validation: boolean;
    readonly trainRows: number;
    readonly validationRows: number;
    readonly priorWarnings: readonly PriorWarning[];
  }[];
  /** Of the prior that serves. */
  readonly priorWarnings: readonly PriorWarning[];
  readonly seconds: number;
}

export type DropReason = 'NO_ORDERS' | 'NOTHING_LEFT_AFTER_CLEANING' | 'ONLY_RETURNS';

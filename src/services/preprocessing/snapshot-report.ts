import type { BehaviorEventType } from '../../entities/index.js';
import type { CleaningCounts } from '../../ml/features/cleaning-counts.js';
import type { PriorWarning } from '../../ml/features/prior/fit-prior.js';
import type { NewcomersDiffer } from '../../ml/features/prior/newcomers/newcomers.js';

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
  /** By type of event, the first day of its recording; see `EventTracking`. Absent where all were recorded as long as rows look back. */
  readonly eventsSince?: Partial<Record<BehaviorEventType, string>>;
  /** Days of the month on which customers are billed, 31 for the last; see `readBillingDays`. Absent in shops without such days. */
  readonly billingDays?: readonly number[];
  /** Day of the last purchase; see `readSilence`. Absent where purchases go on until the as-of date. */
  readonly silentSince?: string;
  /** Warnings of the fit of the prior that serves, as of the snapshot's date. */
  readonly priorWarnings: readonly PriorWarning[];
  /** Absent where customers who came lately are as the others, or history is too short to tell. */
  readonly newcomers?: NewcomersReport;
  /** Absent where history begins with the shop's first customers, as far as purchases tell. */
  readonly earlierCustomers?: EarlierCustomersReport;
  /** How often customers buy in each month, January first, as multiples of the year's mean. Absent where purchases tell of none. */
  readonly season?: readonly number[];
  /** Absent where customers buy as often as they did. */
  readonly paceRise?: PaceRiseReport;
  /** First and last day of each; see `Closure`. Absent where there are none. */
  readonly closures?: readonly { readonly from: string; readonly to: string }[];
  /** First and last day; see `Surge`. Absent where there was none. */
  readonly surge?: { readonly from: string; readonly to: string; readonly times: number };
  /** In currency: a larger first purchase says no more of later ones than one of this value. Absent without such a limit. */
  readonly firstValueLimit?: number;
  /** In currency, ascending: who began with exactly such an amount buys otherwise than others. Absent where amounts tell nothing. */
  readonly firstAmounts?: readonly number[];
  /** Part of the customers with four purchases or more who buy at regular intervals. Absent where hardly any does. */
  readonly regularShare?: number;
  /** What the same customers spend more an order than a year before, as a part of that; below 0 if less. Absent where it has stayed. */
  readonly orderValueRise?: number;
  /** See `findChangedIds`: hardly anybody bought both before that day and since. Absent where ids have stayed. */
  readonly idsChanged?: string;
  readonly seconds: number;
}

/** See `PaceChange`: all customers have bought so many times as often since then, or have come to by the day `until`. */
interface PaceRiseReport {
  readonly since: string;
  /** Absent where it came at once. */
  readonly until?: string;
  readonly times: number;
}

/** See `Newcomers`: by the day of the first purchase, from which on each cohort counts. */
export interface NewcomersReport {
  readonly differ: NewcomersDiffer;
  readonly cohorts: readonly { readonly from: string; readonly ratio: number }[];
}

/** See `EarlierCustomers`: customers had come for so many years before the first order. */
export interface EarlierCustomersReport {
  readonly historyBegins: string;
  readonly yearsBefore: number;
}

type DropReason = 'NO_ORDERS' | 'NOTHING_LEFT_AFTER_CLEANING' | 'ONLY_RETURNS';

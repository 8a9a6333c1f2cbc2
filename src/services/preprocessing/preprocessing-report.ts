import { dayMs, dayOf, yearDays } from '../../days.js';
import type { CleaningCounts } from '../../ml/features/cleaning-counts.js';
import type { CustomerCounts } from '../../ml/features/customer-sampling.js';
import type { EarlierCustomers } from '../../ml/features/prior/earlier-customers.js';
import type { PriorFit, PriorWarning } from '../../ml/features/prior/fit-prior.js';
import { weekDays } from '../../ml/features/prior/fit-purchases.js';
import { cohortDays, type Newcomers, type NewcomersDiffer } from '../../ml/features/prior/newcomers.js';
import type { ShopClock } from '../../ml/features/prior/shop-clock.js';
import { isMissing, isOutlier, type Scaler } from '../../ml/features/scaler.js';
import type { SnapshotRowsResult } from './preprocessing-rows.js';

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
  /** See `findChangedIds`: hardly anybody bought both before that day and since. Absent where ids have stayed. */
  readonly idsChanged?: string;
  readonly seconds: number;
}

/** See `PaceRise`: all customers have bought so many times as often since then. */
export interface PaceRiseReport {
  readonly since: string;
  readonly times: number;
}

type ShopClockReport = Pick<SnapshotReport, 'season' | 'paceRise' | 'closures' | 'surge'>;
type DataReport = Pick<SnapshotReport, 'cleaning' | 'customers' | 'rows' | 'labels' | 'features' | 'windows'>;
type PriorReport = Omit<SnapshotReport, keyof DataReport | 'seconds'>;

const day = (days: number): string => dayOf(new Date(days * dayMs));

/**
 * What the prior that serves says of the shop.
 * @param idsChanged day from which on customers have other ids, if they do
 */
export function priorReportOf({ parameters, warnings }: PriorFit, idsChanged: number | undefined): PriorReport {
  const { newcomers, earlier } = parameters;
  return {
    priorWarnings: warnings,
    ...(newcomers && { newcomers: newcomersReport(newcomers) }),
    ...(earlier && { earlierCustomers: earlierCustomersReport(earlier) }),
    ...shopClockReport(parameters),
    ...(idsChanged !== undefined && { idsChanged: day(idsChanged) }),
  };
}

export function shopClockReport({ season, pace, closures, surge }: ShopClock): ShopClockReport {
  return {
    ...(season && { season: season.map((factor) => Number(factor.toFixed(2))) }),
    ...(pace && {
      paceRise: { since: day(pace.day), times: Number((1 / pace.before).toFixed(1)) },
    }),
    ...(closures && { closures: closures.map(({ from, to }) => ({ from: day(from), to: day(to - 1) })) }),
    ...(surge && { surge: { from: day(surge.from), to: day(surge.to - 1), times: surge.times } }),
  };
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

function earlierCustomersReport({ since, length }: EarlierCustomers): EarlierCustomersReport {
  return { historyBegins: day(since), yearsBefore: (length * weekDays) / yearDays };
}

function newcomersReport({ since, differ, ratios }: Newcomers): NewcomersReport {
  const from = (cohort: number) => day(since + cohort * cohortDays);
  return { differ, cohorts: ratios.map((ratio, i) => ({ from: from(i), ratio })) };
}

export type DropReason = 'NO_ORDERS' | 'NOTHING_LEFT_AFTER_CLEANING' | 'ONLY_RETURNS';

/** What the data say, and the rows that were made of them. */
export function dataReportOf(
  cleaning: CleaningCounts,
  customers: CustomerCounts,
  { rows, labels, trainingRows, windows, tooNewToTrain }: SnapshotRowsResult,
  scaler: Scaler,
): DataReport {
  return {
    cleaning,
    customers: describeCustomers(cleaning.customers, customers, tooNewToTrain),
    rows,
    labels,
    features: scaler.features.map((feature, index) => {
      const values = trainingRows.map(({ features }) => features[index] ?? null);
      return {
        name: feature.name,
        outliers: values.filter((value) => isOutlier(value, feature)).length,
        imputed: values.filter(isMissing).length,
      };
    }),
    windows: windows.map(({ asOf, horizonDays, validation, priorWarnings, trainRows, validationRows }) => ({
      asOf,
      horizonDays,
      validation,
      priorWarnings,
      trainRows,
      validationRows,
    })),
  };
}

function describeCustomers(
  read: number,
  { kept, withoutOrders, withoutMerchandise, onlyReturns }: CustomerCounts,
  tooNewToTrain: number,
): SnapshotReport['customers'] {
  return {
    read,
    kept,
    dropped: [
      { reason: 'NO_ORDERS', count: withoutOrders },
      { reason: 'NOTHING_LEFT_AFTER_CLEANING', count: withoutMerchandise },
      { reason: 'ONLY_RETURNS', count: onlyReturns },
    ],
    tooNewToTrain,
  };
}

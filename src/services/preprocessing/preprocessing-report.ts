import { dayMs, dayOf, yearDays } from '../../days.js';
import { cents } from '../../math.js';
import type { CleaningCounts } from '../../ml/features/cleaning-counts.js';
import type { CustomerCounts } from '../../ml/features/customer-sampling.js';
import { eventCounts } from '../../ml/features/event-tables.js';
import type { EventTracking } from '../../ml/features/event-tracking.js';
import type { EarlierCustomers } from '../../ml/features/prior/earlier-customers/earlier-customers.js';
import type { PriorFit } from '../../ml/features/prior/fit-prior.js';
import { riseOfYear } from '../../ml/features/prior/order-values/prices.js';
import { regularShare } from '../../ml/features/prior/rhythm/learn-rhythm.js';
import { weekDays } from '../../ml/features/prior/purchases/fit-purchases.js';
import { cohortDays, type Newcomers } from '../../ml/features/prior/newcomers/newcomers.js';
import type { ShopClock } from '../../ml/features/prior/clock/shop-clock.js';
import { isMissing, isOutlier, type Scaler } from '../../ml/features/scaler.js';
import type { SnapshotRowsResult } from './preprocessing-rows.js';
import type { EarlierCustomersReport, NewcomersReport, SnapshotReport } from './snapshot-report.js';

type ShopClockReport = Pick<SnapshotReport, 'season' | 'paceRise' | 'closures' | 'surge'>;
type DataReport = Pick<
  SnapshotReport,
  'cleaning' | 'customers' | 'rows' | 'labels' | 'features' | 'windows' | 'eventsSince'
>;
type PriorReport = Omit<SnapshotReport, keyof DataReport | 'seconds'>;

const twoDigits = (times: number): number => Number(times.toPrecision(2));
const day = (days: number): string => dayOf(new Date(days * dayMs));

/**
 * What the prior that serves says of the shop.
 * @param asOf of the snapshot
 * @param idsChanged day from which on customers have other ids, if they do
 */
export function priorReportOf(
  { parameters, warnings }: PriorFit,
  asOf: Date,
  idsChanged: number | undefined,
): PriorReport {
  const { newcomers, earlier, firstValueLimit, firstAmounts, prices, rhythm } = parameters;
  return {
    priorWarnings: warnings,
    ...(newcomers && { newcomers: newcomersReport(newcomers) }),
    ...(earlier && { earlierCustomers: earlierCustomersReport(earlier) }),
    ...shopClockReport(parameters),
    ...(firstValueLimit && { firstValueLimit: cents(firstValueLimit) }),
    ...(firstAmounts && { firstAmounts: Object.keys(firstAmounts.byAmount).map(Number) }),
    ...(rhythm && { regularShare: twoDigits(regularShare(rhythm)) }),
    ...(prices && { orderValueRise: twoDigits(riseOfYear(prices, asOf)) }),
    ...(idsChanged !== undefined && { idsChanged: day(idsChanged) }),
  };
}

export function shopClockReport({ season, pace, closures, surge }: ShopClock): ShopClockReport {
  return {
    ...(season && { season: season.map((factor) => Number(factor.toFixed(2))) }),
    ...(pace && {
      paceRise: {
        since: day(pace.day),
        ...(pace.until !== undefined && { until: day(pace.until) }),
        times: twoDigits(1 / pace.before),
      },
    }),
    ...(closures && { closures: closures.map(({ from, to }) => ({ from: day(from), to: day(to - 1) })) }),
    ...(surge && { surge: { from: day(surge.from), to: day(surge.to - 1), times: twoDigits(surge.times) } }),
  };
}

function earlierCustomersReport({ since, length }: EarlierCustomers): EarlierCustomersReport {
  return { historyBegins: day(since), yearsBefore: (length * weekDays) / yearDays };
}

function newcomersReport({ since, differ, ratios }: Newcomers): NewcomersReport {
  const from = (cohort: number) => day(since + cohort * cohortDays);
  return { differ, cohorts: ratios.map((ratio, i) => ({ from: from(i), ratio })) };
}

/** What the data say, and the rows that were made of them. */
export function dataReportOf(
  cleaning: CleaningCounts,
  customers: CustomerCounts,
  { rows, labels, trainingRows, windows, customersOfWindow }: SnapshotRowsResult,
  scaler: Scaler,
): DataReport {
  return {
    cleaning,
    customers: describeCustomers(cleaning.customers, customers, customersOfWindow),
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
    ...(scaler.tracking && { eventsSince: eventsSince(scaler.tracking) }),
  };
}

function eventsSince(tracking: EventTracking): SnapshotReport['eventsSince'] {
  const days = Object.entries(eventCounts).flatMap(([name, type]) => {
    const since = tracking[name];
    return since === undefined ? [] : [[type, day(since)] as const];
  });
  return Object.fromEntries(days);
}

function describeCustomers(
  read: number,
  { kept, withoutOrders, withoutMerchandise, onlyReturns }: CustomerCounts,
  customersOfWindow: number,
): SnapshotReport['customers'] {
  return {
    read,
    kept,
    dropped: [
      { reason: 'NO_ORDERS', count: withoutOrders },
      { reason: 'NOTHING_LEFT_AFTER_CLEANING', count: withoutMerchandise },
      { reason: 'ONLY_RETURNS', count: onlyReturns },
    ],
    tooNewToTrain: kept - customersOfWindow,
  };
}

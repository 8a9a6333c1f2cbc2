import type { Segment } from '../../entities/index.js';
import { dayOf } from '../../days.js';
import { globalIdText } from '../../global-id-text.js';
import { cents, complementOf } from '../../math.js';
import type { PurchaseHistory } from '../customers/purchase-histories.js';
import { predictionInterval } from '../predictions/customer-clv.js';
import { tierOf } from '../predictions/tiers.js';
import type { PredictionPeriod } from '../predictions/prediction-store.js';
import type { ExportRow } from './export-statement.js';
import type { ExportedCustomer } from './export.types.js';

/** Columns of every export, in their order. */
export const exportedColumns = [
  'id',
  'source',
  'externalId',
  'predicted',
  'lower',
  'upper',
  'purchaseProbability',
  'percentile',
  'tier',
  'basis',
  'asOf',
  'horizonDays',
  'model',
  'currency',
  'churnProbability',
  'predictedOrders',
  'expectedNextOrderDate',
  'historic',
  'purchases',
  'firstOrderDate',
  'lastOrderDate',
  'averageOrderValue',
  'averageDaysBetweenOrders',
] as const;

interface ExportFrame {
  readonly period: PredictionPeriod;
  readonly currency: string;
  readonly memberships: readonly Segment[];
  /** Probability inside the interval. */
  readonly level: number;
}

/** A row of the export. Without a prediction, the value is 0 and the tier the lowest, as everywhere. */
export function exportedCustomer(row: ExportRow, history: PurchaseHistory, frame: ExportFrame): ExportedCustomer {
  const { period, currency, memberships, level } = frame;
  const isPredicted = row.predicted !== null;
  const percentile = row.percentile ?? 0;
  const purchaseProbability = isPredicted ? row.purchaseProbability : 0;
  return {
    id: globalIdText('Customer', row.id),
    source: row.source,
    externalId: row.externalId,
    predicted: cents(row.predicted ?? 0),
    ...(isPredicted ? predictionInterval(row, level) : { lower: 0, upper: 0 }),
    purchaseProbability,
    percentile,
    tier: tierOf(percentile),
    basis: row.basis ?? 'NONE',
    asOf: period.asOf.toISOString(),
    horizonDays: period.horizonDays,
    model: Number(period.modelId),
    currency,
    churnProbability: complementOf(purchaseProbability),
    predictedOrders: isPredicted ? row.expectedOrders : 0,
    expectedNextOrderDate: row.expectedNextOrderDate,
    historic: cents(history.spend),
    purchases: history.purchaseDays,
    firstOrderDate: history.firstDay && dayOf(history.firstDay),
    lastOrderDate: history.lastDay && dayOf(history.lastDay),
    averageOrderValue: history.meanOccasionValue === null ? null : cents(history.meanOccasionValue),
    averageDaysBetweenOrders: history.gapMeanDays,
    ...Object.fromEntries(memberships.map(({ name }, i) => [`segment:${name}`, row.memberships[i] ?? false])),
    ...('name' in row && { name: row.name ?? null, email: row.email ?? null, phone: row.phone ?? null }),
  };
}

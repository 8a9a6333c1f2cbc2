import type { JobHooks } from '../../progress.js';
import type { CustomerFilter } from '../customers/customer-filter.types.js';
import type { ClvTier } from '../../entities/index.js';
import type { ClvBasis } from '../predictions/customer-clv.js';
import type { ChosenScoring } from './exported-period.js';

export const exportFormats = ['csv', 'jsonl'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportOptions extends Partial<JobHooks> {
  readonly format: ExportFormat;
  /** By default the scoring that lists read. */
  readonly scoring: ChosenScoring;
  /** Name of a segment, to export its members. At most one of segment and filter; all customers where neither is given. */
  readonly segment?: string | undefined;
  readonly filter?: CustomerFilter | undefined;
  /** Names of segments, each of which gets a column that says who is in it. */
  readonly memberships: readonly string[];
  /** Probability inside the interval, 0.01 to 0.99. */
  readonly level: number;
  /** Currency if the database has no orders; ISO 4217. */
  readonly currency: string;
  /** Whether names, e-mail addresses and telephone numbers are written, too. */
  readonly personalData: boolean;
  /** Whether texts that a spreadsheet would take for formulas are written as they are in CSV. */
  readonly raw: boolean;
}

/** A customer as it is written; the names are those of the columns. Money in currency. */
export interface ExportedCustomer {
  /** Global id, as in the API. */
  readonly id: string;
  readonly source: string;
  readonly externalId: string;
  readonly predicted: number;
  readonly lower: number;
  readonly upper: number;
  readonly purchaseProbability: number;
  readonly percentile: number;
  readonly tier: ClvTier;
  readonly basis: ClvBasis;
  /** ISO date-time. */
  readonly asOf: string;
  readonly horizonDays: number;
  /** Number of the model. */
  readonly model: number;
  /** ISO 4217. */
  readonly currency: string;
  readonly churnProbability: number;
  readonly predictedOrders: number;
  /** This and other dates are ISO dates; null for basis NONE, and for the next order of a scoring by an earlier version. */
  readonly expectedNextOrderDate: string | null;
  /** Net spend before the as-of date; so are the following columns. */
  readonly historic: number;
  /** Days on which more was bought than returned. */
  readonly purchases: number;
  readonly firstOrderDate: string | null;
  readonly lastOrderDate: string | null;
  readonly averageOrderValue: number | null;
  readonly averageDaysBetweenOrders: number | null;
  /** `segment:<name>` for each requested segment; `name`, `email` and `phone` if requested. */
  readonly [more: string]: string | number | boolean | null;
}

export interface ExportReport {
  readonly customers: number;
  readonly asOf: Date;
  readonly horizonDays: number;
  /** Number of texts that got an apostrophe, since a spreadsheet would have taken them for formulas. */
  readonly escapedTexts: number;
  readonly seconds: number;
}

import type { JobHooks } from '../../progress.js';
import type { CustomerFilter } from '../customers/customer-filter.types.js';
import type { ClvTier } from '../../entities/index.js';
import type { ClvBasis } from '../predictions/customer-clv.js';
import type { ChosenScoring } from './exported-period.js';

export const exportFormats = ['csv', 'jsonl'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportOptions extends Partial<JobHooks> {
  readonly format: ExportFormat;
  /** That which lists read where nothing of it is given. */
  readonly scoring: ChosenScoring;
  /** Name of a segment: only its members. At most one of these two; all customers where neither is given. */
  readonly segment?: string | undefined;
  readonly filter?: CustomerFilter | undefined;
  /** Names of segments: each a column that tells who is in it. */
  readonly memberships: readonly string[];
  /** Probability inside the interval, 0.01 to 0.99. */
  readonly level: number;
  /** Of a database without orders; ISO 4217. */
  readonly currency: string;
  /** Whether names, e-mail addresses and telephone numbers are written, too. */
  readonly personalData: boolean;
  /** Whether texts of a CSV file are left as they are that a spreadsheet would take for formulas. */
  readonly raw: boolean;
}

/** A customer as it is written: the names are those of the columns. Money in currency. */
export interface ExportedCustomer {
  /** As the API shows it. */
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
  /** Its number. */
  readonly model: number;
  /** ISO 4217. */
  readonly currency: string;
  readonly churnProbability: number;
  readonly predictedOrders: number;
  /** This and other dates are ISO dates; null for basis NONE, and for the next order of a scoring by an earlier version. */
  readonly expectedNextOrderDate: string | null;
  /** Net spend before the as-of date; what follows is of that time, too. */
  readonly historic: number;
  /** Days on which more was bought than returned. */
  readonly purchases: number;
  readonly firstOrderDate: string | null;
  readonly lastOrderDate: string | null;
  readonly averageOrderValue: number | null;
  readonly averageDaysBetweenOrders: number | null;
  /** `segment:<name>` of each segment asked for; `name`, `email` and `phone` where they are. */
  readonly [more: string]: string | number | boolean | null;
}

export interface ExportReport {
  readonly customers: number;
  readonly asOf: Date;
  readonly horizonDays: number;
  /** That a spreadsheet would have taken for formulas: they have an apostrophe before them. */
  readonly escapedTexts: number;
  readonly seconds: number;
}

import type { CustomerFilter } from '../customer-filter.types.js';
import { type CursorKind, exactInstant } from '../../paging.js';

export const customerOrderFields = [
  'CLV',
  'PERCENTILE',
  'PURCHASE_PROBABILITY',
  'CHURN_PROBABILITY',
  'RECENCY',
  'ORDERS',
  'SPEND',
  'CREATED',
  'CHANGED',
] as const;
export type CustomerOrderField = (typeof customerOrderFields)[number];

export const sortDirections = ['ASC', 'DESC'] as const;
export type SortDirection = (typeof sortDirections)[number];

export interface CustomerOrder {
  readonly field: CustomerOrderField;
  readonly direction: SortDirection;
}

/** The order of a list. Ties are broken by the customer's id, in the same direction. */
export interface OrderKey {
  /** The table of the value; aliases `s`, `p` and `v` as in `CompiledFilter`. */
  readonly table: 'customer' | 'summary' | 'prediction' | 'change';
  /** Null for an order by id alone. */
  readonly value: string | null;
  readonly id: string;
  /** The value's type in Postgres. */
  readonly type: string;
  readonly kind: CursorKind;
  /** SQL of the value as exact text, where a cast does not give what `kind` expects. */
  readonly text?: (value: string) => string;
  /** Whether a larger value means a smaller field. */
  readonly inverted?: boolean;
  /** Condition for customers without a value; they come last in either direction. */
  readonly missing?: string;
  /** Conditions of a filter on the value itself: they bound the part of the order that can fit. */
  readonly bounds: readonly (keyof CustomerFilter)[];
}

const ofPrediction = (column: string, type: string, bounds: OrderKey['bounds']) =>
  ({
    table: 'prediction',
    value: `p.${column}`,
    id: 'p.customer_id',
    type,
    kind: 'decimal',
    missing: 'p.customer_id is null',
    bounds,
  }) as const;

const ofSummary = (column: string, type: string, kind: CursorKind, bounds: OrderKey['bounds']) =>
  ({ table: 'summary', value: `s.${column}`, id: 's.customer_id', type, kind, bounds }) as const;

const valueBounds = ['clv', 'percentile', 'tier'] as const;
const probabilityBounds = ['purchaseProbability', 'churnProbability'] as const;

/** Each has an index on (value, id), so that a page costs the same at any depth. */
export const orderKeys: Readonly<Record<CustomerOrderField, OrderKey>> = {
  CLV: ofPrediction('expected_value', 'float8', valueBounds),
  // The percentile is the rank of the expected value.
  PERCENTILE: ofPrediction('expected_value', 'float8', valueBounds),
  PURCHASE_PROBABILITY: ofPrediction('purchase_probability', 'real', probabilityBounds),
  CHURN_PROBABILITY: { ...ofPrediction('purchase_probability', 'real', probabilityBounds), inverted: true },
  // Days since the last purchase, in the reverse order of the last day.
  RECENCY: { ...ofSummary('last_day', 'date', 'day', ['recencyDays']), inverted: true, missing: 's.last_day is null' },
  ORDERS: ofSummary('orders', 'bigint', 'id', ['orders']),
  SPEND: ofSummary('spend', 'numeric', 'decimal', ['spend']),
  CHANGED: {
    table: 'change',
    value: 'v.changed_at',
    text: exactInstant,
    id: 'v.customer_id',
    type: 'timestamptz',
    kind: 'exactInstantOrNull',
    missing: 'v.customer_id is null',
    bounds: ['changedSince', 'tierChange'],
  },
  CREATED: { table: 'customer', value: null, id: 'c.id', type: 'bigint', kind: 'decimal', bounds: [] },
};

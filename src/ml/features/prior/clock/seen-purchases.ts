import type { RepeatPurchases } from '../../repeat-purchases.js';
import type { EarlierCustomers } from '../earlier-customers/earlier-customers.js';
import type { Prices } from '../order-values/prices.js';
import type { RfmColumns } from '../rfm-summary.js';

/** What the form of a prior is learnt from, and judged by. */
export interface SeenPurchases {
  /** Customers as of `asOf`, in calendar days. */
  readonly columns: RfmColumns;
  /** Their repeat purchases before it. */
  readonly repeats: readonly RepeatPurchases[];
  readonly asOf: Date;
  /** Customers from before history, as far as they are known; a season allows for them. */
  readonly earlier?: EarlierCustomers | undefined;
  /** Where the same customers have come to spend more or less an order. */
  readonly prices?: Prices | undefined;
}

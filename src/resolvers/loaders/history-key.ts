import type { HistoryRequest } from '../../services/customers/customer-history.service.js';

/** Pages of one customer that differ in nothing. */
export function historyKey({ customerId, first, after }: HistoryRequest): string {
  return `${customerId}/${first}/${after ?? ''}`;
}

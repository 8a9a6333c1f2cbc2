import type { HistoryRequest } from '../../services/customers/customer-history.service.js';

/** The same for equal pages of one customer. */
export function historyKey({ customerId, first, after }: HistoryRequest): string {
  return `${customerId}/${first}/${after ?? ''}`;
}

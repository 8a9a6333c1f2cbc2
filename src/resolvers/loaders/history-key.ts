import type { HistoryRequest } from '../../services/customers/customer-history.service.js';

/** Key of a page of a customer's history: equal pages have equal keys. */
export function historyKey({ customerId, first, after }: HistoryRequest): string {
  return `${customerId}/${first}/${after ?? ''}`;
}

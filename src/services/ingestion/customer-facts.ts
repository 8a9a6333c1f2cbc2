import { refreshPurchaseDays } from '../../ml/features/purchase-days.js';
import type { IngestionSession } from './ingestion-session.js';

/** Customers whose orders or events were written, and those who had them before. */
export function customersOf(
  rows: readonly { customer_id: string | null; previous_customer_id: string | null }[],
): string[] {
  const ids = rows.flatMap((row) => [row.customer_id, row.previous_customer_id]);
  return [...new Set(ids.filter((id) => id !== null))];
}

/** After orders or products changed: rebuilds the customers' purchase days and makes older predictions stale. */
export async function refreshFacts(session: IngestionSession, customerIds: readonly string[]): Promise<void> {
  if (customerIds.length === 0) return;
  await refreshPurchaseDays(session, customerIds);
  await markFactsChanged(session, customerIds);
}

/** Makes older predictions of the customers stale. */
export async function markFactsChanged(session: IngestionSession, customerIds: readonly string[]): Promise<void> {
  if (customerIds.length === 0) return;
  // In the order of ids, so that two batches wait for each other instead of deadlocking.
  await session.query(
    `update customer set facts_changed_at = clock_timestamp()
     where id in (select id from customer where id = any($1::bigint[]) order by id for no key update)`,
    [customerIds],
  );
}

import type { DataSource } from 'typeorm';
import { markFactsChanged, refreshFacts } from '../customer-facts.js';
import { eventKeyOf, type EventRow, keyOfRow } from './event-keys.js';
import { inDeletingTransaction, type IngestionSession } from '../ingestion-session.js';
import { lockKeys } from '../key-locks.js';
import { UpsertBatch } from './upsert-batch.js';
import { type EventKey, eventKeySchema, orderKeySchema } from './upsert.schemas.js';
import type { ItemResult } from './upsert.types.js';

/**
 * Deletes orders with their lines. The customers' purchase days and summaries are updated in the same transaction. Customers and products
 * stay.
 * @throws ClvError BAD_USER_INPUT for more than 1,000 ids; CONFLICT where others write for more than ten seconds
 */
export async function deleteOrders(
  dataSource: DataSource,
  externalIds: readonly string[],
  source: string,
): Promise<ItemResult[]> {
  const keys = externalIds.map((externalId) => ({ externalId }));
  const batch = await UpsertBatch.of(keys, orderKeySchema);
  if (batch.items.length === 0) return batch.resultsOfDeletion(new Set());
  const { ids } = batch;
  const deleted = await inDeletingTransaction(dataSource, async (session) => {
    await lockKeys(session, source, { orders: ids });
    const orders = await session.query<{ external_id: string; customer_id: string | null }>(
      `delete from customer_order where source = $1 and external_id = any($2::text[])
       returning external_id, customer_id`,
      [source, ids],
    );
    const customerIds = orders.flatMap((order) => order.customer_id ?? []);
    await refreshFacts(session, customerIds);
    await forgetExplanations(session, customerIds);
    return orders;
  });
  return batch.resultsOfDeletion(new Set(deleted.map((order) => order.external_id)));
}

/**
 * Deletes events. Customers and products stay.
 * @throws ClvError BAD_USER_INPUT for more than 1,000 events; CONFLICT where others write for more than ten seconds
 */
export async function deleteEvents(
  dataSource: DataSource,
  events: readonly EventKey[],
  source: string,
): Promise<ItemResult[]> {
  const batch = await UpsertBatch.of(events, eventKeySchema, eventKeyOf);
  if (batch.items.length === 0) return batch.resultsOfDeletion(new Set());
  const deleted = await inDeletingTransaction(dataSource, async (session) => {
    await lockKeys(session, source, { events: batch.ids });
    const rows = await session.query<EventRow & { readonly customer_id: string }>(
      `delete from behavior_event e
       using unnest($2::text[], $3::timestamptz[]) as given (external_id, occurred_at)
       where e.source = $1 and e.external_id = given.external_id and e.occurred_at = given.occurred_at
       returning e.external_id, e.occurred_at, e.customer_id`,
      [source, batch.ids, batch.items.map(({ occurredAt }) => occurredAt)],
    );
    const customerIds = rows.map((event) => event.customer_id);
    await markFactsChanged(session, customerIds);
    await forgetExplanations(session, customerIds);
    return rows;
  });
  return batch.resultsOfDeletion(new Set(deleted.map(keyOfRow)));
}

/** Explanations quote what customers wrote and bought. They would no longer be shown, but would still be stored. */
async function forgetExplanations(session: IngestionSession, customerIds: readonly string[]): Promise<void> {
  await session.query('delete from explanation where customer_id = any($1::bigint[])', [customerIds]);
}

import type { DataSource } from 'typeorm';
import { inAbortableTransaction } from '../../database/abortable-transaction.js';
import { findStaleCustomers, refreshPurchaseDays } from '../../ml/features/purchase-days.js';
import type { JobHooks } from '../../progress.js';
import { slicesOf } from '../../slices.js';
import { planShards } from '../scoring/customer-shards.js';

/** Customers refreshed in one transaction: their rows are locked for that long. */
const refreshBatch = 5_000;
/** Parts in which a large base is looked through: each reads whole tables, and progress shows after each. */
const lookParts = 5;
const smallestPart = 50_000;

/** Imports and upserts keep purchase days themselves. This mends what other programs wrote into the tables of orders. */
export async function refreshAll(dataSource: DataSource, { progress, signal }: JobHooks): Promise<void> {
  // Plans for a million customers need statistics, which a fresh import does not have yet.
  await dataSource.query('analyze customer, product, customer_order, order_line, behavior_event, purchase_day');
  const [{ count }] = await dataSource.query<[{ count: string }]>('select count(*) from customer');
  const part = Math.max(smallestPart, Math.ceil(Number(count) / lookParts));
  let done = 0;
  for (const { firstId, lastId, customers } of await planShards(dataSource, part)) {
    await progress.report('cleaning', done / Number(count));
    const stale = await inAbortableTransaction(dataSource, signal, (runner) =>
      findStaleCustomers(runner.manager, firstId, lastId),
    );
    for (const some of slicesOf(stale, refreshBatch)) {
      signal.throwIfAborted();
      await dataSource.transaction((manager) => refreshPurchaseDays(manager, some));
    }
    done += customers;
  }
  // The refresh has written these.
  await dataSource.query('analyze customer_summary, purchase_day');
}

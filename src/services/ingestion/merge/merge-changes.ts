import { refreshPurchaseDays } from '../../../ml/features/purchase-days.js';
import type { IngestionSession } from '../ingestion-session.js';
import { buyersOf } from './products.js';

/** Number of rows from which a load makes the planner's statistics obsolete. */
const largeLoad = 10_000;

/** Makes the temporary tables of what this transaction wrote. They vanish at its end. */
export async function createChangeTables(session: IngestionSession): Promise<void> {
  const tables = {
    changed_customer: 'id bigint, created boolean',
    changed_product: 'id bigint, created boolean, affects_buyers boolean',
    changed_order: 'id bigint, created boolean, previous_customer_id bigint',
    changed_line: 'order_id bigint, created integer, updated integer, removed integer',
    changed_event: 'customer_id bigint, previous_customer_id bigint, created boolean',
  };
  for (const [table, columns] of Object.entries(tables)) {
    await session.query(`create temporary table ${table} (${columns}) on commit drop`);
  }
}

export async function analyzeAfterLargeLoad(session: IngestionSession): Promise<void> {
  const [counts] = await session.query<{ rows: number }>(`
    select ((select count(*) from changed_customer) + (select count(*) from changed_order)
      + (select coalesce(sum(created), 0) from changed_line))::integer as rows`);
  if (counts!.rows >= largeLoad) await session.query('analyze customer, product, customer_order, order_line');
}

/** Rebuilds the purchase days of the customers whose orders were written, and makes older predictions stale. */
export async function refreshChangedFacts(session: IngestionSession): Promise<void> {
  await analyzeAfterLargeLoad(session);
  const products = 'select id from changed_product where affects_buyers';
  await session.query(`
    create temporary table touched_customer on commit drop as
    select distinct id from (
      select customer_id as id from customer_order
      where id in (select id from changed_order union select order_id from changed_line)
      union all select previous_customer_id from changed_order
      union all select customer_id from (${buyersOf(products)}) as buyer
    ) as touched
    where id is not null`);
  const [counts] = await session.query<{ touched: number; customers: number; onlyAdded: boolean }>(`
    select (select count(*)::integer from touched_customer) as touched,
      (select count(*)::integer from customer) as customers,
      not (exists (select from changed_order where not created)
        or exists (select from changed_line where updated + removed > 0)
        or exists (${products})) as "onlyAdded"`);
  const { touched, customers, onlyAdded } = counts!;
  if (touched > 0) {
    const who = touched * 2 > customers ? 'all' : await touchedIds(session);
    await refreshPurchaseDays(session, who, onlyAdded ? 'select order_id from changed_line' : undefined);
  }
  // Not those that this transaction wrote, such as new customers: nobody else has seen them yet.
  await session.query(`
    update customer set facts_changed_at = clock_timestamp()
    where id in (
      select id from touched_customer
      union select customer_id from changed_event
      union select previous_customer_id from changed_event) and xmin <> pg_current_xact_id()::xid`);
}

async function touchedIds(session: IngestionSession): Promise<string[]> {
  return (await session.query<{ id: string }>('select id from touched_customer')).map(({ id }) => id);
}

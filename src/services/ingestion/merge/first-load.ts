import { LiftedKeys } from '../../../database/lifted-keys.js';
import { fillPurchaseDays } from '../../../ml/features/purchase-days.js';
import { partOf, type ProgressReporter } from '../../../progress.js';
import type { IngestionSession } from '../ingestion-session.js';
import { customerMerge } from './customers.js';
import { productMerge } from './products.js';

const orderTables = ['customer_order', 'order_line', 'purchase_day'] as const;
const customerTables = ['customer', 'customer_summary'] as const;
const perCustomerTables = ['customer_summary', 'customer_personal_data'] as const;

/** How many customers and products the load made and changed; its orders and lines are all new. */
export interface FirstLoadCounts {
  readonly customers: { readonly created: number; readonly updated: number };
  readonly products: { readonly created: number; readonly updated: number };
}

/**
 * Loads what is staged of orders or order lines where there are no orders yet: nothing can be in the way of what comes,
 * so that rows are written without a look at what is there, and indexes and keys are built afterwards. Runs in a
 * transaction; until its end nobody else reads or writes customers and orders.
 * @returns null, and has done nothing, where there are orders
 */
export async function loadFirstOrders(
  session: IngestionSession,
  kind: 'orders' | 'order-lines',
  { source, currency, progress }: { source: string; currency: string; progress: ProgressReporter },
): Promise<FirstLoadCounts | null> {
  if (!(await areEmpty(session, orderTables))) return null;
  await session.query(`lock table ${[...customerTables, ...orderTables].join(', ')}, product in access exclusive mode`);
  // Somebody may have been faster.
  if (!(await areEmpty(session, orderTables))) return null;
  const customersAreNew = await areEmpty(session, ['customer']);
  const tables = customersAreNew ? [...customerTables, ...orderTables] : orderTables;
  await session.query(`set local maintenance_work_mem = '256MB'`);
  const lifted = await LiftedKeys.lift(session, tables);
  // Files that begin in this transaction need no log where `wal_level` is minimal: a crash takes them away whole.
  await session.query(`truncate ${orderTables.join(', ')}${customersAreNew ? ', customer_summary' : ''}`);

  await progress.report('merging customers', 0);
  const customers = customersAreNew
    ? await insertCustomers(session, source)
    : await changesOf(session, customerMerge('select * from staged_customer'), source);
  await progress.report('merging products', 0.1);
  const products =
    kind === 'orders'
      ? { created: 0, updated: 0 }
      : await changesOf(session, productMerge('select * from staged_product'), source);
  await session.query('analyze customer, product');
  await progress.report('merging orders', 0.1);
  await insertOrders(session, kind, source, currency);
  if (kind === 'order-lines') {
    await progress.report('merging order lines', 0.2);
    await insertLines(session, source);
  }
  await progress.report('computing purchase days', 0.35);
  await session.query('analyze customer_order, order_line');
  await fillPurchaseDays(session, kind === 'order-lines' ? 'with lines' : 'without lines');
  if (!customersAreNew) {
    await session.query(`
      update customer set facts_changed_at = clock_timestamp() where id in (select customer_id from purchase_day)`);
  }
  const indexing = partOf(progress, 0.6, 1);
  await lifted.restore((fraction) => indexing.report('building indexes', fraction));
  return { customers, products };
}

/**
 * Before the first customers come, takes away the keys and indexes of what is kept of each, for whoever writes them to
 * restore. In a transaction; until its end nobody else reads or writes customers.
 * @returns null, and has done nothing, where there are customers
 */
export async function liftForFirstCustomers(session: IngestionSession): Promise<LiftedKeys | null> {
  if (!(await areEmpty(session, ['customer']))) return null;
  await session.query(`lock table customer, ${perCustomerTables.join(', ')} in access exclusive mode`);
  // Somebody may have been faster.
  if (!(await areEmpty(session, ['customer']))) return null;
  const lifted = await LiftedKeys.liftAllButUnique(session, perCustomerTables);
  // Needs no log, as above.
  await session.query(`truncate ${perCustomerTables.join(', ')}`);
  return lifted;
}

async function areEmpty(session: IngestionSession, tables: readonly string[]): Promise<boolean> {
  const [found] = await session.query<{ empty: boolean }>(
    `select not (${tables.map((table) => `exists (select 1 from ${table})`).join(' or ')}) as empty`,
  );
  return found!.empty;
}

async function insertCustomers(session: IngestionSession, source: string): Promise<FirstLoadCounts['customers']> {
  const { rowCount } = await session.client.query(
    `insert into customer (source, external_id, country)
     select $1, external_id, nullif(country, '') from staged_customer`,
    [source],
  );
  return { created: rowCount!, updated: 0 };
}

async function changesOf(
  session: IngestionSession,
  merge: string,
  source: string,
): Promise<{ created: number; updated: number }> {
  const [counts] = await session.query<{ created: number; updated: number }>(
    `${merge}
     select (count(*) filter (where created))::integer as created,
       (count(*) filter (where not created))::integer as updated
     from changed`,
    [source],
  );
  return counts!;
}

/**
 * Orders lie, and are numbered, customer by customer: whoever asks for some customers' pasts then reads few pages, while
 * a file in the order of time would spread each past over the whole table. Orders of lines leave the table `order_id`: the id
 * of each order, by its number within the file.
 */
async function insertOrders(
  session: IngestionSession,
  kind: 'orders' | 'order-lines',
  source: string,
  currency: string,
): Promise<void> {
  const [reserved] = await session.query<{ first: string }>(`
    select setval(sequence, nextval(sequence) + orders) - orders as first
    from (select pg_get_serial_sequence('customer_order', 'id')::regclass as sequence,
      (select count(*) from staged_order) as orders) as asked`);
  const number = kind === 'orders' ? 's.line' : 's.order_number';
  await session.query('create temporary table order_id (number integer, id bigint) on commit drop');
  await session.query(
    `with numbered as materialized (
       select $3::bigint + row_number() over (order by c.id, s.placed_at, ${number}) as id, ${number} as number,
         s.external_id, c.id as customer_id, s.placed_at, coalesce(s.currency, $2) as currency, s.total,
         coalesce(s.item_count, 0) as item_count
       from staged_order s left join customer c on c.source = $1 and c.external_id = s.customer
     ),
     written as (
       insert into customer_order (id, source, external_id, customer_id, placed_at, currency, total, item_count)
       select id, $1, external_id, customer_id, placed_at, currency, total, item_count from numbered
     )
     insert into order_id select number, id from numbered where $4`,
    [source, currency, reserved!.first, kind === 'order-lines'],
  );
}

async function insertLines(session: IngestionSession, source: string): Promise<void> {
  await session.query('analyze order_id');
  await session.query(
    `insert into order_line (order_id, line_number, product_id, quantity, unit_price)
     select o.id, s.line_number, p.id, s.quantity, s.unit_price
     from staged_row s
     join order_id o on o.number = s.order_number
     left join product p on p.source = $1 and p.external_id = s.product
     order by o.id, s.line_number`,
    [source],
  );
}

import { LiftedKeys } from '../../../database/lifted-keys.js';
import { fillPurchaseDays } from '../../../ml/features/purchase-days.js';
import { partOf, type ProgressReporter } from '../../../progress.js';
import type { IngestionSession } from '../ingestion-session.js';
import { customerMerge } from './customers.js';
import { productMerge } from './products.js';

const orderTables = ['customer_order', 'order_line', 'purchase_day'] as const;
const customerTables = ['customer', 'customer_summary'] as const;
const perCustomerTables = ['customer_summary', 'customer_personal_data'] as const;

/** How many customers and products the load created and updated; its orders and lines are all new. */
export interface FirstLoadCounts {
  readonly customers: { readonly created: number; readonly updated: number };
  readonly products: { readonly created: number; readonly updated: number };
}

/**
 * Loads staged orders or order lines into a database without orders: rows are written without comparing them with stored ones, and indexes
 * and keys are built afterwards. Runs in a transaction; until its end nobody else can read or write customers and orders.
 * @returns null, and has done nothing, where there are orders
 */
export async function loadFirstOrders(
  session: IngestionSession,
  kind: 'orders' | 'order-lines',
  { source, currency, progress }: { source: string; currency: string; progress: ProgressReporter },
): Promise<FirstLoadCounts | null> {
  if (!(await areEmpty(session, orderTables))) return null;
  await session.query(`lock table ${[...customerTables, ...orderTables].join(', ')}, product in access exclusive mode`);
  // Checked again under the lock.
  if (!(await areEmpty(session, orderTables))) return null;
  const customersAreNew = await areEmpty(session, ['customer']);
  const tables = customersAreNew ? [...customerTables, ...orderTables] : orderTables;
  await session.query(`set local maintenance_work_mem = '256MB'`);
  const lifted = await LiftedKeys.lift(session, tables);
  // With a minimal `wal_level`, tables that are truncated in the same transaction are written without a log.
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
 * Before the first customers are loaded, drops the keys and indexes of the tables with a row for each customer; the caller restores them
 * after writing. In a transaction; until its end nobody else can read or write customers.
 * @returns null, and has done nothing, where there are customers
 */
export async function liftForFirstCustomers(session: IngestionSession): Promise<LiftedKeys | null> {
  if (!(await areEmpty(session, ['customer']))) return null;
  await session.query(`lock table customer, ${perCustomerTables.join(', ')} in access exclusive mode`);
  // Checked again under the lock.
  if (!(await areEmpty(session, ['customer']))) return null;
  const lifted = await LiftedKeys.liftAllButUnique(session, perCustomerTables);
  // So that it is written without a log, as above.
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
     select $1, external_id, country from staged_customer`,
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
 * Inserts orders customer by customer, so that the history of a customer is in few pages; in the order of the file, mostly that of time, it
 * would be spread over the whole table. For order lines it makes the table `order_id`: the id of each order by its number within the file.
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

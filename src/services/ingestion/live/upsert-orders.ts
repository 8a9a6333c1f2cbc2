import type { DataSource } from 'typeorm';
import { customersOf, refreshFacts } from '../customer-facts.js';
import { inBatchTransaction, type IngestionSession } from '../ingestion-session.js';
import { lockKeys } from '../key-locks.js';
import { orderLineMerge, surplusLineRemoval } from '../merge/order-lines.js';
import { orderMerge } from '../merge/orders.js';
import { mergeBatch } from '../merge/run-merge.js';
import { otherCurrencies } from './other-currencies.js';
import { type Change, UpsertBatch } from './upsert-batch.js';
import { type OrderInput, orderSchema } from './upsert.schemas.js';
import type { ItemResult } from './upsert.types.js';
import { createMissing } from './upserts.js';

interface UpsertOrdersOptions {
  readonly source: string;
  /** Currency of new orders without one. */
  readonly currency: string;
}

interface OrderChange extends Change {
  readonly customer_id: string | null;
  readonly previous_customer_id: string | null;
}

/**
 * Creates or updates orders with their lines; unknown customers and products are created. The customers' purchase days are updated in the
 * same transaction.
 * @throws ClvError BAD_USER_INPUT for more than 1,000 items
 */
export async function upsertOrders(
  dataSource: DataSource,
  items: readonly OrderInput[],
  { source, currency }: UpsertOrdersOptions,
): Promise<ItemResult[]> {
  const batch = await UpsertBatch.of(items, orderSchema);
  if (batch.items.length === 0) return batch.results([]);
  const orders = batch.items.map((order) => ({
    external_id: order.externalId,
    customer: order.customerExternalId,
    placed_at: order.placedAt,
    currency: order.currency,
    total: order.total,
    item_count: order.itemCount,
    lines: order.lines?.length,
  }));
  const lines = batch.items.flatMap(({ externalId, lines }) =>
    (lines ?? []).map((line, index) => ({
      order: externalId,
      line_number: index + 1,
      product: line.productExternalId,
      quantity: line.quantity,
      unit_price: line.unitPrice,
    })),
  );
  const { changes, refused, warnings } = await inBatchTransaction(dataSource, async (session) => {
    const products = lines.map(({ product }) => product);
    const customersIn = (some: typeof orders) => some.map(({ customer }) => customer);
    await lockKeys(session, source, { customers: customersIn(orders), products, orders: batch.ids });
    const refused = await withoutAmount(session, source, orders);
    const taken = orders.filter((order) => !refused.has(order.external_id));
    await createMissing(session, source, { customers: customersIn(taken), products });
    const payload = { orders: JSON.stringify(taken), lines: JSON.stringify(lines) };
    const changes = await mergeOrders(session, source, currency, payload);
    await refreshFacts(session, customersOf(changes));
    return { changes, refused, warnings: await otherCurrencies(session, { source, currency }, batch.ids) };
  });
  return batch.results(changes, refused, warnings);
}

interface Given {
  readonly external_id: string;
  readonly total?: string | null | undefined;
  /** Number of lines. */
  readonly lines: number | undefined;
}

/**
 * Orders with neither a total nor lines to add up, each with the reason why it is refused. Stored orders that keep their lines are not
 * among them, since they keep their totals, too. These are locked, lest they be erased before they are written.
 */
async function withoutAmount(
  session: IngestionSession,
  source: string,
  orders: readonly Given[],
): Promise<ReadonlyMap<string, string>> {
  const bare = orders.filter(({ total, lines }) => (total ?? null) === null && !lines);
  if (bare.length === 0) return new Map();
  const keepingLines = bare.filter(({ lines }) => lines === undefined).map((order) => order.external_id);
  const stored = await session.query<{ external_id: string }>(
    `select external_id from customer_order where source = $1 and external_id = any($2::text[])
     order by external_id for no key update`,
    [source, keepingLines],
  );
  const known = new Set(stored.map((order) => order.external_id));
  const refused = bare.filter((order) => !known.has(order.external_id));
  return new Map(refused.map((order) => [order.external_id, 'total: give total or lines']));
}

/** @returns orders that changed themselves, then those whose lines did */
async function mergeOrders(
  session: IngestionSession,
  source: string,
  currency: string,
  { orders, lines }: { orders: string; lines: string },
): Promise<OrderChange[]> {
  const changed = await mergeBatch<OrderChange & { id: string }>(session, orderMerge(givenOrders), [
    source,
    currency,
    orders,
    lines,
  ]);
  // The load of a file may be giving one of these orders to another customer, or changing a product, and look for the customers affected
  // before these lines are there. So load and batch wait for each other.
  await session.query(`${givenSizes} order by o.id for no key update of o`, [source, orders]);
  await session.query(lockProducts, [source, lines]);
  return [
    ...changed,
    ...(await session.query<OrderChange>(`${orderLineMerge(givenLines)} ${ordersOf('changed')}`, [source, lines])),
    ...(await session.query<OrderChange>(`${surplusLineRemoval(givenSizes)} ${ordersOf('removed')}`, [source, orders])),
  ];
}

const ordersOf = (written: string): string => `
  select o.external_id, false as created, o.customer_id, null::bigint as previous_customer_id
  from customer_order o where o.id in (select order_id from ${written})`;

const lineRecords = (parameter: string): string => `
  jsonb_to_recordset(${parameter}::jsonb) as line
    ("order" text, line_number integer, product text, quantity integer, unit_price numeric(18,4))`;

/** The given orders; total and item count are those of the lines if not given. */
const givenOrders = `
  select given.external_id, given.customer, given.placed_at, given.currency,
    coalesce(given.total, added.total) as total, coalesce(given.item_count, added.item_count) as item_count
  from jsonb_to_recordset($3::jsonb) as given
    (external_id text, customer text, placed_at timestamptz, currency text, total numeric, item_count integer)
  left join (
    select "order", sum(quantity * unit_price) as total, sum(quantity)::integer as item_count
    from ${lineRecords('$4')} group by "order"
  ) as added on added."order" = given.external_id`;

const givenLines = `
  select o.id as order_id, line.line_number, line.product, line.quantity, line.unit_price
  from ${lineRecords('$2')} join customer_order o on o.source = $1 and o.external_id = line."order"`;

const lockProducts = `
  select from product where source = $1 and external_id in (select product from ${lineRecords('$2')})
  order by id for share`;

const givenSizes = `
  select o.id as order_id, given.lines
  from jsonb_to_recordset($2::jsonb) as given (external_id text, lines integer)
  join customer_order o on o.source = $1 and o.external_id = given.external_id
  where given.lines is not null`;

import { utcDayOf } from '../../database/utc-day.js';
import type { ImportKind, Rejection } from './import.types.js';
import type { IngestionSession } from './ingestion-session.js';
import type { Rejections } from './rejections.js';
import { fillFromEarlierRows } from './repeated-rows.js';
import type { StagedRows } from './staging.js';

/** Sorting ids byte by byte: several times faster than by the database's language, and all that grouping needs. */
const bytes = 'collate "C"';

/**
 * From `staged_row` makes the temporary tables that the merge reads, one row for each customer, product, order or
 * event: `staged_customer`, `staged_product`, `staged_order`, `staged_event`. Where a file has an id twice, the later
 * row counts, and of customers and products what it says.
 */
export async function prepareStagedEntities(
  session: IngestionSession,
  kind: ImportKind,
  { ordersAreWhole, columnOf }: Pick<StagedRows, 'ordersAreWhole'> & { readonly columnOf: (field: string) => string },
  rejections: Rejections,
): Promise<void> {
  await session.query('analyze staged_row');
  const tables = Object.entries(preparations[kind]);
  for (const [table, query] of tables) {
    await session.query(`create temporary table ${table} as ${query}`);
    if (query !== ordersOfLines) continue;
    await mendOrders(session, { ordersAreWhole, customerColumn: columnOf('customer.externalId') }, rejections);
    await rejectOrdersWithoutDate(session, columnOf('order.placedAt'), rejections);
  }
  if (tables.length > 0) await session.query(`analyze ${tables.map(([table]) => table).join(', ')}`);
  await fillFromEarlierRows(session, kind);
}

/** Rows are numbered only where one has no id: that sorts all of them, events by all that they say. */
const withMadeIds = (columns: string, id: string, made: string): string => {
  const someLackIt = `exists (select from staged_row where ${id} is null)`;
  return `
  select ${columns}, ${id} as external_id from staged_row where not ${someLackIt}
  union all
  select ${columns}, coalesce(${id}, ${made}) from staged_row where ${someLackIt}`;
};

/**
 * The row's own id is made from what it says, so that the same file makes the same ids again. Some shops write a refund
 * with a minus.
 */
const ordersWithIds = withMadeIds(
  'line, customer, country, placed_at, currency, total - abs(coalesce(refunded, 0)) as total, item_count',
  'order_id',
  `concat(customer, '/', to_char(placed_at at time zone 'UTC', 'YYYY-MM-DD'), '/',
      row_number() over (
        partition by customer ${bytes}, ${utcDayOf('placed_at')} order by placed_at, line))`,
);

const eventFacts = `customer, occurred_at, event_type, product, event_text, attributes`;
const eventsWithIds = withMadeIds(
  'line, customer, product, event_type as type, occurred_at, event_text as text, attributes',
  'event_id',
  `concat(md5(row(${eventFacts})::text), '/',
      row_number() over (partition by row(${eventFacts})::text ${bytes} order by line))`,
);

/** A customer's country is that of the latest order that names one. Few have several, so that little is sorted. */
const customersOfOrders = `
  select distinct on (customer ${bytes}) customer as external_id, country, null::jsonb as attributes
  from (
    select customer, country, max(placed_at) as placed_at from staged_order
    where customer is not null group by customer, country
  ) as countries
  order by customer ${bytes}, country is null, placed_at desc, country ${bytes}`;

/** A product's name is the one that most of its lines bear; what those do not tell, others may. */
const productsOfLines = `
  select distinct on (product ${bytes}) product as external_id, product_name as name, null as description,
    coalesce(category, max(category ${bytes}) over of_product) as category,
    null as picture_caption, null::numeric as price,
    coalesce(merchandise, bool_and(merchandise) over of_product) as merchandise
  from (
    select product, product_name, max(category ${bytes}) as category, bool_and(merchandise) as merchandise,
      count(*) as lines
    from staged_row
    where product is not null
    group by product, product_name
  ) as names
  window of_product as (partition by product ${bytes})
  order by product ${bytes}, product_name is null, lines desc, product_name ${bytes}`;

/** Rows lie by order already, so that sorting them costs little; hashing a million orders would leave memory. */
const ordersOfLines = `
  select order_number, min(order_id ${bytes}) as external_id, max(customer ${bytes}) as customer,
    min(customer ${bytes}) as other_customer, max(country ${bytes}) as country,
    min(placed_at) as placed_at, max(placed_at) - min(placed_at) > interval '12 hours' as is_spread, min(currency ${bytes}) as currency,
    sum(quantity * unit_price) as total, least(greatest(sum(quantity), -2147483648), 2147483647)::integer as item_count, count(*)::integer as lines
  from (select * from staged_row order by order_number) as sorted_row
  group by order_number`;

const preparations: Readonly<Record<ImportKind, Readonly<Record<string, string>>>> = {
  customers: {
    staged_customer: `
      select distinct on (customer ${bytes}) customer as external_id, country, attributes, name, email, phone
      from staged_row order by customer ${bytes}, line desc`,
  },
  products: {
    staged_product: `
      select distinct on (product ${bytes})
        product as external_id, product_name as name, description, category, picture_caption, price, merchandise
      from staged_row order by product ${bytes}, line desc`,
  },
  orders: {
    staged_order: `
      select distinct on (external_id ${bytes}) * from (${ordersWithIds}) as orders
      order by external_id ${bytes}, line desc`,
    staged_customer: customersOfOrders,
  },
  'order-lines': {
    staged_order: ordersOfLines,
    staged_customer: customersOfOrders,
    staged_product: productsOfLines,
  },
  events: {
    staged_event: `
      select distinct on (external_id ${bytes}, occurred_at) * from (${eventsWithIds}) as events
      order by external_id ${bytes}, occurred_at, line desc`,
    staged_customer: `
      select distinct customer as external_id, null as country, null::jsonb as attributes from staged_row`,
    staged_product: `
      select distinct product as external_id, null as name, null as description, null as category,
        null as picture_caption, null::numeric as price, null::boolean as merchandise
      from staged_row where product is not null`,
  },
};

/**
 * Where an order's lines do not follow each other in the file, or name several customers, the orders are gathered again:
 * by their ids, and without the lines that are rejected.
 */
async function mendOrders(
  session: IngestionSession,
  { ordersAreWhole, customerColumn }: { readonly ordersAreWhole: boolean; readonly customerColumn: string },
  rejections: Rejections,
): Promise<void> {
  const [found] = await session.query<{ broken: boolean }>(
    `
    select exists (select 1 from staged_order where customer <> other_customer)
      or not $1 and exists (select 1 from staged_order group by external_id ${bytes} having count(*) > 1) as broken`,
    [ordersAreWhole],
  );
  if (!found!.broken) return;
  await rejectForeignCustomers(session, customerColumn, rejections);
  await session.query('alter table staged_row drop column order_number, drop column line_number');
  await session.query(`
    create temporary table numbered_row as
    select *, (dense_rank() over (order by order_id ${bytes}))::integer as order_number,
      (row_number() over (partition by order_id ${bytes} order by line))::integer as line_number
    from staged_row`);
  await session.query('drop table staged_row, staged_order');
  await session.query('alter table numbered_row rename to staged_row');
  await session.query('analyze staged_row');
  await session.query(`create temporary table staged_order as ${ordersOfLines}`);
}

/** An order belongs to one customer: lines that name another than the order's first one are rejected. */
async function rejectForeignCustomers(
  session: IngestionSession,
  customerColumn: string,
  rejections: Rejections,
): Promise<void> {
  const rejected = await session.query<Rejection>(
    `
    with mixed as (
      select order_id from staged_row group by order_id having min(customer ${bytes}) <> max(customer ${bytes})
    ),
    owner as (
      select distinct on (order_id ${bytes}) order_id, customer
      from staged_row where order_id in (select order_id from mixed) and customer is not null
      order by order_id ${bytes}, line
    )
    delete from staged_row s using owner o
    where s.order_id = o.order_id and s.customer <> o.customer
    returning s.line, $1::text as "column", s.customer as value,
      'is another customer than that of the order''s first line' as reason`,
    [customerColumn],
  );
  await rejections.add(rejected);
}

/** Of an order one line must say when it was placed, whichever. */
async function rejectOrdersWithoutDate(
  session: IngestionSession,
  dateColumn: string,
  rejections: Rejections,
): Promise<void> {
  const rejected = await session.query<Rejection>(
    `
    with undated as (delete from staged_order where placed_at is null returning order_number)
    delete from staged_row s using undated o
    where s.order_number = o.order_number
    returning s.line, $1::text as "column", '' as value, 'is empty in all lines of the order' as reason`,
    [dateColumn],
  );
  await rejections.add(rejected);
}

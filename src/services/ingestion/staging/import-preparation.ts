import { utcDayOf } from '../../../database/utc-day.js';
import type { ImportKind } from '../import.types.js';
import type { IngestionSession } from '../ingestion-session.js';
import { bytes, mendOrders, ordersOfLines, rejectOrdersWithoutDate } from './orders-of-lines.js';
import type { Rejections } from './rejections.js';
import { fillFromEarlierRows } from './repeated-rows.js';
import type { StagedRows } from './staging.js';

/**
 * Makes of `staged_row` the temporary tables that the merge reads, with one row for each customer, product, order or event:
 * `staged_customer`, `staged_product`, `staged_order`, `staged_event`. If a file has an id twice, the later row counts; what it leaves
 * empty of customers and products is taken from earlier ones.
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

/** Adds made ids, if any row lacks one: numbering the rows sorts all of them, events by all of their columns. */
const withMadeIds = (columns: string, id: string, made: string): string => {
  const someLackIt = `exists (select from staged_row where ${id} is null)`;
  return `
  select ${columns}, ${id} as external_id from staged_row where not ${someLackIt}
  union all
  select ${columns}, coalesce(${id}, ${made}) from staged_row where ${someLackIt}`;
};

/**
 * Missing ids are made from the contents of the row, so that the same file gets the same ids again. Refunds may be written with or without
 * a minus.
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

/** A product's name is the one that most of its lines have. What these leave empty is taken from its other lines. */
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

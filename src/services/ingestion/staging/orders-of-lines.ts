import type { Rejection } from '../import.types.js';
import type { IngestionSession } from '../ingestion-session.js';
import type { Rejections } from './rejections.js';

/** Sorts ids byte by byte: several times as fast as by the database's locale, and enough for grouping. */
export const bytes = 'collate "C"';

/** Grouped by sorting: rows are in the order of `order_number` already, and hashing a million orders would spill to disk. */
export const ordersOfLines = `
  select order_number, min(order_id ${bytes}) as external_id, max(customer ${bytes}) as customer,
    min(customer ${bytes}) as other_customer, max(country ${bytes}) as country,
    min(placed_at) as placed_at, max(placed_at) - min(placed_at) > interval '12 hours' as is_spread, min(currency ${bytes}) as currency,
    sum(quantity * unit_price) as total, least(greatest(sum(quantity), -2147483648), 2147483647)::integer as item_count, count(*)::integer as lines
  from (select * from staged_row order by order_number) as sorted_row
  group by order_number`;

/**
 * If lines of an order are apart in the file, or name several customers, the orders are made again: by their ids, and without the rejected
 * lines.
 */
export async function mendOrders(
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

/** Rejects orders of which no line says when they were placed. */
export async function rejectOrdersWithoutDate(
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

import type { Queryable } from '../../database/queryable.js';
import { utcDayOf } from '../../database/utc-day.js';
import { boughtCategories, refreshSummaries } from './customer-summary.js';

/**
 * Rebuilds `purchase_day` and `customer_summary` from orders and their lines, and advances `customer.facts_changed_at` of those customers
 * for whom a day really changed. Call it in the transaction that wrote the orders or their products: it locks the customers' rows, so
 * that two writers of one customer's orders cannot each overlook the other's. Predictions of customers who no longer have a purchase
 * occasion before the prediction's as-of date are removed, since lists and sums would go on counting them.
 *
 * Cleaning, on the UTC day on which a thing happened:
 * - An order with lines counts with them. Left out are lines of products that are no merchandise, lines with a zero or negative price,
 *   lines with no quantity, and further copies of a line (same order, product, quantity and price). A positive quantity is bought, a
 *   negative one returned or cancelled.
 * - An order without lines counts with its total: positive is bought, negative returned, zero nothing. Its number of
 *   different products is unknown and stored as 0.
 *
 * @param customerIds database ids; when an order moves to another customer, both
 * @param addedOrders as for `refreshSummaries`
 */
export async function refreshPurchaseDays(
  queryable: Queryable,
  customerIds: readonly string[] | 'all',
  addedOrders?: string,
): Promise<void> {
  const all = customerIds === 'all';
  const asked = all ? [] : [[...new Set(customerIds)]];
  // Compiling the statements costs more than it saves.
  await queryable.query('set local jit = off');
  await queryable.query(lockStatement(all), asked);
  const changed = await queryable.query<{ id: string }>(refreshStatement(all), asked);
  const changedIds = all ? [] : [changed.map(({ id }) => id)];
  if (changed.length > 0) await queryable.query(firstDayGoneStatement(all), changedIds);
  // For all these customers, since a changed category changes no day; in a statement of its own, since a statement does not see what it
  // writes itself.
  await refreshSummaries(queryable, customerIds, addedOrders);
  if (changed.length > 0) await queryable.query(unfoundedStatement(all), changedIds);
}

/**
 * Customers whose purchase days or categories are not those of their orders, which happens only where other programs write orders. It
 * takes no locks. The statement is for many customers: it reads whole tables.
 * @param lastId the last customer that is looked at, from `firstId` on
 */
export async function findStaleCustomers(queryable: Queryable, firstId: string, lastId: string): Promise<string[]> {
  const rows = await queryable.query<{ id: string }>(
    `select coalesce(c.customer_id, p.customer_id) as id
     from (${purchaseDays('o.customer_id between $1 and $2')}) c
     full join (select * from purchase_day where customer_id between $1 and $2) p
       on p.customer_id = c.customer_id and p.day = c.day
     where (p.net, p.gross, p.returned, p.items, p.products, p.orders)
       is distinct from (c.net, c.gross, c.returned, c.items, c.products, c.orders)
     union
     select customer_id
     from (select customer_id, categories from customer_summary where customer_id between $1 and $2) s
     left join (${boughtCategories('o.customer_id between $1 and $2')}) b using (customer_id)
     where s.categories is distinct from coalesce(b.categories, '{}')`,
    [firstId, lastId],
  );
  return rows.map(({ id }) => id);
}

/**
 * Writes the purchase days and summaries of all customers, where there are no purchase days yet and nobody else can write orders.
 * `customer.facts_changed_at` stays as it is.
 * @param orders all have lines, or none has
 */
export async function fillPurchaseDays(queryable: Queryable, orders: 'with lines' | 'without lines'): Promise<void> {
  await queryable.query('set local jit = off');
  // One sort serves both groupings. The planner does not know the number of groups, and would hash first.
  await queryable.query('set local enable_hashagg = off');
  await queryable.query(`
    insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
    ${purchaseDaysOf((orders === 'with lines' ? lineFacts : orderFacts)('o.customer_id is not null'))}`);
  await queryable.query('set local enable_hashagg = on');
  await queryable.query('analyze purchase_day');
  await refreshSummaries(queryable, 'all');
}

/** Locks in the order of ids, so that two refreshes wait for each other instead of deadlocking. */
function lockStatement(all: boolean): string {
  return `
    select count(*) from (
      select id from customer ${all ? '' : 'where id = any($1::bigint[])'} order by id for no key update
    ) locked`;
}

/** Returns the ids of the customers for whom a day changed; with `all`, only whether there is one. */
function refreshStatement(all: boolean): string {
  const orderScope = all ? 'o.customer_id is not null' : 'o.customer_id = any($1::bigint[])';
  const dayScope = all ? 'true' : 'p.customer_id = any($1::bigint[])';
  return `
    with computed as (${purchaseDays(orderScope)}),
    written as (
      insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
      select c.*
      from computed c left join purchase_day p on p.customer_id = c.customer_id and p.day = c.day
      where p.customer_id is null
        or (p.net, p.gross, p.returned, p.items, p.products, p.orders)
          is distinct from (c.net, c.gross, c.returned, c.items, c.products, c.orders)
      on conflict (customer_id, day) do update set
        net = excluded.net, gross = excluded.gross, returned = excluded.returned,
        items = excluded.items, products = excluded.products, orders = excluded.orders
      returning customer_id
    ),
    removed as (
      delete from purchase_day p
      where ${dayScope}
        and not exists (select 1 from computed c where c.customer_id = p.customer_id and c.day = p.day)
      returning p.customer_id
    ),
    touched as (
      update customer set facts_changed_at = clock_timestamp()
      where id in (select customer_id from written union select customer_id from removed)
      returning id
    )
    select id from touched ${all ? 'limit 1' : ''}`;
}

/**
 * A query for the purchase days that the orders make: customer_id, day, net, gross, returned, items, products, orders.
 * @param orderScope SQL condition on `customer_order o`, under which `o.customer_id` is never null
 */
export function purchaseDays(orderScope: string): string {
  const wholeOrders = `${orderFacts(orderScope)} and not exists (select 1 from order_line l where l.order_id = o.id)`;
  // Lines, and whole orders where there are no lines.
  return purchaseDaysOf(`${lineFacts(orderScope)} union all ${wholeOrders}`);
}

function purchaseDaysOf(facts: string): string {
  return `
      select customer_id, day,
        sum(case when quantity > 0 then amount else 0 end) - sum(case when quantity < 0 then amount else 0 end) as net,
        sum(case when quantity > 0 then amount else 0 end) as gross,
        sum(case when quantity < 0 then amount else 0 end) as returned,
        least(sum(greatest(quantity, 0)), 2147483647)::integer as items,
        count(distinct product_id) filter (where quantity > 0)::integer as products,
        count(distinct order_id) filter (where quantity > 0)::integer as orders
      from (${facts}) fact
      group by customer_id, day`;
}

/**
 * Locks the summaries of customers whose first purchase occasion is gone, before they are brought up to date. A scoring locks the
 * summaries of the customers that it writes, too: either its predictions are there when predictions are removed, or it waits until the
 * customer's purchases are gone, and writes nothing.
 */
function firstDayGoneStatement(all: boolean): string {
  return `
    select count(*) from (
      select from customer_summary s
      where ${all ? 's.first_day is not null' : 's.customer_id = any($1::bigint[]) and s.first_day is not null'}
        and not exists (
          select from purchase_day p where p.customer_id = s.customer_id and p.day = s.first_day and p.net > 0)
      order by s.customer_id for update
    ) locked`;
}

/** Removes the predictions of customers without a purchase occasion before their as-of date. */
function unfoundedStatement(all: boolean): string {
  return `
    delete from prediction p using customer_summary s
    where s.customer_id = p.customer_id ${all ? '' : 'and p.customer_id = any($1::bigint[])'}
      and (s.first_day < ${utcDayOf('p.as_of')}) is not true`;
}

const utcDay = utcDayOf('o.placed_at');

/**
 * A query for the order lines that count, further copies left out: customer_id, placed_at, day (UTC), order_id,
 * product_id, quantity, unit_price.
 * @param orderScope SQL condition on `customer_order o`
 */
export function cleanLines(orderScope: string): string {
  return `
      select o.customer_id, o.placed_at, ${utcDay} as day, l.order_id, l.product_id, l.quantity, l.unit_price
      from customer_order o
      join order_line l on l.order_id = o.id
      left join product p on p.id = l.product_id
      where ${orderScope} and l.unit_price > 0 and l.quantity <> 0 and coalesce(p.merchandise, true)
      -- Lines of unknown products are not known to be copies of each other.
      group by o.customer_id, ${utcDay}, l.product_id, l.order_id, l.quantity, l.unit_price, o.placed_at,
        case when l.product_id is null then l.id end`;
}

/** The sign of `quantity` tells bought from returned. */
function lineFacts(orderScope: string): string {
  return `
      select customer_id, day, order_id, product_id, quantity, abs(quantity) * unit_price as amount
      from (${cleanLines(orderScope)}) clean_line`;
}

/** Orders that count with their totals, as one fact each. */
function orderFacts(orderScope: string): string {
  return `
      select o.customer_id, ${utcDay} as day, o.id as order_id,
        null::bigint as product_id, case when o.total > 0 then greatest(o.item_count, 1) else -1 end as quantity,
        abs(o.total) as amount
      from customer_order o
      where ${orderScope} and o.total <> 0`;
}

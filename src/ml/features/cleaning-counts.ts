import type { Queryable } from '../../database/queryable.js';
import { utcDayOf, utcMidnightOf } from '../../database/utc-day.js';

/** Number of records before the as-of day, and what cleaning found in them. A line can be counted under several heads. */
export interface CleaningCounts {
  readonly customers: number;
  readonly orders: number;
  readonly lines: number;
  readonly events: number;
  readonly ordersWithoutCustomer: number;
  readonly ordersWithoutLines: number;
  /** Orders without lines and with a total of 0, which are ignored. */
  readonly zeroTotalOrders: number;
  /** Orders without lines that have the customer, instant, total and item count of another one. They are kept. */
  readonly repeatedOrders: number;
  readonly linesWithoutCustomer: number;
  /** Further copies of a line: same order, product, quantity and price. */
  readonly duplicateLines: number;
  readonly nonMerchandiseLines: number;
  readonly zeroPriceLines: number;
  readonly negativePriceLines: number;
  readonly zeroQuantityLines: number;
  /** Lines of identified customers that features and labels are computed from. */
  readonly linesUsed: number;
  /** Those of `linesUsed` with a negative quantity. */
  readonly returnLines: number;
  /** Those of `returnLines` whose customer had bought the same quantity of the same product before. */
  readonly matchedReturnLines: number;
}

/** Counts to what the rules of `refreshPurchaseDays` apply in orders before the as-of instant's UTC day. */
export async function countCleaning(queryable: Queryable, asOf: Date): Promise<CleaningCounts> {
  const counts = [];
  for (const statement of [lineStatement, orderStatement, baseStatement]) {
    counts.push(...(await queryable.query<Record<string, string | null>>(statement, [asOf])));
  }
  const entries = counts.flatMap((row) => Object.entries(row)).map(([name, count]) => [name, Number(count ?? 0)]);
  return Object.fromEntries(entries) as CleaningCounts;
}

const asOfDay = utcMidnightOf(utcDayOf('$1'));
const beforeAsOf = `o.placed_at < ${asOfDay}`;

const lineStatement = `
  with line_group as materialized (
    select o.customer_id, l.product_id, l.quantity, l.unit_price, coalesce(p.merchandise, true) as merchandise,
      min(o.placed_at) as placed_at, count(*) as copies
    from order_line l
    join customer_order o on o.id = l.order_id
    left join product p on p.id = l.product_id
    where ${beforeAsOf}
    group by l.order_id, o.customer_id, l.product_id, l.quantity, l.unit_price, p.merchandise,
      case when l.product_id is null then l.id end
  ),
  used as materialized (
    select * from line_group where customer_id is not null and merchandise and unit_price > 0 and quantity <> 0
  )
  select sum(copies) as "lines",
    sum(copies) filter (where customer_id is null) as "linesWithoutCustomer",
    sum(copies - 1) as "duplicateLines",
    sum(copies) filter (where not merchandise) as "nonMerchandiseLines",
    sum(copies) filter (where unit_price = 0) as "zeroPriceLines",
    sum(copies) filter (where unit_price < 0) as "negativePriceLines",
    sum(copies) filter (where quantity = 0) as "zeroQuantityLines",
    (select count(*) from used) as "linesUsed",
    (select count(*) from used where quantity < 0) as "returnLines",
    (
      select count(*)
      from used r
      join (
        select customer_id, product_id, quantity, min(placed_at) as placed_at
        from used where quantity > 0 group by 1, 2, 3
      ) b on b.customer_id = r.customer_id and b.product_id = r.product_id and b.quantity = -r.quantity
        and b.placed_at <= r.placed_at
      where r.quantity < 0
    ) as "matchedReturnLines"
  from line_group`;

const orderStatement = `
  with lineless as materialized (
    select o.customer_id, o.placed_at, o.total, o.item_count
    from customer_order o
    where ${beforeAsOf} and not exists (select 1 from order_line l where l.order_id = o.id)
  )
  select count(*) as "orders",
    count(*) filter (where o.customer_id is null) as "ordersWithoutCustomer",
    (select count(*) from lineless) as "ordersWithoutLines",
    (select count(*) from lineless where total = 0) as "zeroTotalOrders",
    (
      select sum(copies - 1)
      from (select count(*) as copies from lineless group by customer_id, placed_at, total, item_count) l
    ) as "repeatedOrders"
  from customer_order o
  where ${beforeAsOf}`;

const baseStatement = `
  select (select count(*) from customer) as "customers",
    (select count(*) from behavior_event where occurred_at < ${asOfDay}) as "events"`;

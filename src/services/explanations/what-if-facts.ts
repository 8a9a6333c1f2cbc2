import type { Queryable } from '../../database/queryable.js';
import { utcDayOf, utcMidnightOf } from '../../database/utc-day.js';
import { cleanLines } from '../../ml/features/purchase-days.js';
import type { WhatIfFacts } from './what-ifs.js';

const today = utcDayOf('$1');
const scope = `o.customer_id = any($2::bigint[]) and o.placed_at < ${utcMidnightOf(today)}`;

/** Cleaned as purchase days are: an order counts with its valid lines, one without lines with its total. */
const statement = `
    with clean_line as materialized (${cleanLines(scope)}),
    basket as (
      select order_id, sum(quantity * unit_price) as value,
        jsonb_agg(jsonb_build_object('productId', product_id::text, 'quantity', quantity, 'unitPrice', unit_price)
          order by product_id, quantity, unit_price) as lines
      from clean_line
      where quantity > 0
      group by order_id
    ),
    last_order as (
      select distinct on (o.customer_id) o.customer_id, d.day, coalesce(b.value, o.total) as value,
        greatest(o.item_count, 1) as items, coalesce(b.lines, '[]') as lines
      from customer_order o
      -- Of a day that a return of the same day has not undone.
      join purchase_day d on d.customer_id = o.customer_id and d.day = ${utcDayOf('o.placed_at')} and d.net > 0
      left join basket b on b.order_id = o.id
      where ${scope}
        and (b.order_id is not null
          or o.total > 0 and not exists (select from order_line l where l.order_id = o.id))
      order by o.customer_id, o.placed_at desc, o.id desc
    )
    select customer_id as "customerId",
      (select avg(net)::float8 from purchase_day d
       where d.customer_id = last_order.customer_id and d.net > 0 and d.day < ${today}) as "usualValue",
      (select ${utcMidnightOf(`max(${today} - ago)`)} from generate_series(1, 30) ago
       where not exists (
         select from purchase_day d where d.customer_id = last_order.customer_id and d.day = ${today} - ago
       )) as "freeDay",
      exists (
        select from purchase_day later
        where later.customer_id = last_order.customer_id and later.day >= last_order.day and later.day < ${today}
          and later.returned > 0
      ) as "returnedSince",
      jsonb_build_object('value', value, 'itemCount', items, 'lines', lines) as "lastOrder"
    from last_order`;

/** The facts of those of the customers who had bought before the as-of date. */
export function findWhatIfFacts(
  queryable: Queryable,
  asOf: Date,
  customerIds: readonly string[],
): Promise<WhatIfFacts[]> {
  return queryable.query<WhatIfFacts>(statement, [asOf, customerIds]);
}

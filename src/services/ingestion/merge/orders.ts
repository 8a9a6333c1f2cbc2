/**
 * Given: external_id, customer (external id), currency text; placed_at timestamptz; total numeric; item_count integer.
 * `$2` is the currency of new orders without one. An order's customer can be replaced but not removed. `changed` also has
 * `previous_customer_id`. See customers.ts.
 */
export function orderMerge(given: string): string {
  return `
    with given as (${given}),
    different as (
      select * from (
        select g.external_id,
          coalesce(c.id, o.customer_id) as customer_id,
          coalesce(g.placed_at, o.placed_at) as placed_at,
          coalesce(g.currency, o.currency, $2)::character(3) as currency,
          coalesce(g.total, o.total)::numeric(18,4) as total,
          coalesce(g.item_count, o.item_count, 0) as item_count,
          o as old
        from given g
        left join customer c on c.source = $1 and c.external_id = g.customer
        left join customer_order o on o.source = $1 and o.external_id = g.external_id
      ) as compared
      where (old).id is null
        or ((old).customer_id, (old).placed_at, (old).currency, (old).total, (old).item_count)
          is distinct from (customer_id, placed_at, currency, total, item_count)
    ),
    written as (
      insert into customer_order (source, external_id, customer_id, placed_at, currency, total, item_count, updated_at)
      select $1, external_id, customer_id, placed_at, currency, total, item_count, coalesce((old).updated_at, now())
      from different
      order by external_id
      on conflict (source, external_id) do update set
        customer_id = excluded.customer_id, placed_at = excluded.placed_at, currency = excluded.currency,
        total = excluded.total, item_count = excluded.item_count, updated_at = now()
      where customer_order.updated_at = excluded.updated_at
      returning id, external_id, customer_id, xmax = 0 as created
    ),
    changed as (
      select w.*, (d.old).customer_id as previous_customer_id
      from written w join different d using (external_id)
    )`;
}

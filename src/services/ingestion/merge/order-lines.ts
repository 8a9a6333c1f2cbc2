/**
 * Given: order_id bigint; line_number, quantity integer; product (external id) text; unit_price numeric. `$1` is the
 * source. `changed` has `order_id` and `created`. See customers.ts.
 */
export function orderLineMerge(given: string): string {
  return `
    with given as (${given}),
    compared as (
      select g.order_id, g.line_number, p.id as product_id, g.quantity, g.unit_price::numeric(18,4) as unit_price
      from given g left join product p on p.source = $1 and p.external_id = g.product
    ),
    changed as (
      insert into order_line (order_id, line_number, product_id, quantity, unit_price)
      select c.order_id, c.line_number, c.product_id, c.quantity, c.unit_price
      from compared c left join order_line l on l.order_id = c.order_id and l.line_number = c.line_number
      where l.id is null
        or (l.product_id, l.quantity, l.unit_price) is distinct from (c.product_id, c.quantity, c.unit_price)
      order by c.order_id, c.line_number
      on conflict (order_id, line_number) do update set
        product_id = excluded.product_id, quantity = excluded.quantity, unit_price = excluded.unit_price
      returning order_id, xmax = 0 as created
    )`;
}

/** Removes lines beyond the number that an order has now. Given: order_id bigint, lines integer. */
export function surplusLineRemoval(given: string): string {
  return `
    with given as (${given}),
    removed as (
      delete from order_line l using given g
      where l.order_id = g.order_id and l.line_number > g.lines
      returning l.order_id
    )`;
}

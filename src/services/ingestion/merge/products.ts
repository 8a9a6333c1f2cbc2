/**
 * Given: external_id, name, description, category, picture_caption text; price numeric; merchandise boolean. `changed` also has
 * `affects_buyers`: whether the facts about the product's buyers changed with it. See customers.ts.
 */
export function productMerge(given: string): string {
  return `
    with given as (${given}),
    compared as (
      select g.external_id,
        coalesce(g.name, p.name, '') as name,
        nullif(coalesce(g.description, p.description), '') as description,
        nullif(coalesce(g.category, p.category), '') as category,
        nullif(coalesce(g.picture_caption, p.picture_caption), '') as picture_caption,
        coalesce(g.price, p.price)::numeric(18,4) as price,
        coalesce(g.merchandise, p.merchandise, true) as merchandise,
        p as old
      from given g left join product p on p.source = $1 and p.external_id = g.external_id
    ),
    different as (
      select * from compared
      where (old).id is null
        or ((old).name, (old).description, (old).category, (old).picture_caption, (old).price, (old).merchandise)
          is distinct from (name, description, category, picture_caption, price, merchandise)
    ),
    written as (
      insert into product (source, external_id, name, description, category, picture_caption, price, merchandise, updated_at)
      select $1, external_id, name, description, category, picture_caption, price, merchandise,
        coalesce((old).updated_at, now())
      from different
      order by external_id
      on conflict (source, external_id) do update set
        name = excluded.name, description = excluded.description, category = excluded.category,
        picture_caption = excluded.picture_caption, price = excluded.price, merchandise = excluded.merchandise, updated_at = now()
      where product.updated_at = excluded.updated_at
      returning id, external_id, xmax = 0 as created
    ),
    changed as (
      select w.*, not w.created
        and ((d.old).name, (d.old).category, (d.old).picture_caption, (d.old).merchandise)
          is distinct from (d.name, d.category, d.picture_caption, d.merchandise)
        as affects_buyers
      from written w join different d using (external_id)
    )`;
}

/**
 * Query for the customers whose orders have one of the products: the facts about them depend on the products.
 * @param productIds query for the products' ids
 */
export function buyersOf(productIds: string): string {
  return `
    select distinct o.customer_id
    from order_line l join customer_order o on o.id = l.order_id
    where l.product_id in (${productIds}) and o.customer_id is not null`;
}

import { utcDayOf } from '../../database/utc-day.js';
import { cleanLines } from './purchase-days.js';
import { midnight, scope, today } from './spending-tables.js';

/** `clean_line`, `goods`, `assortment`, `taste`, `basket`: what was bought. */
export const assortmentTables = `
    clean_line as materialized (${cleanLines(
      `${scope('o.customer_id')} and o.customer_id is not null
        and o.placed_at < ${midnight}`,
    )}),
    -- Money in ten-thousandths as float8: whole numbers, whose sums are exact in any order, and fast.
    bought as materialized (
      select customer_id, product_id, ${utcDayOf('placed_at')} as day,
        sum((unit_price * 10000)::bigint::float8 * quantity) as amount
      from clean_line
      where quantity > 0 and product_id is not null
      group by 1, 2, 3
    ),
    goods as materialized (
      select customer_id, product_id, count(*) as days, sum(amount) as amount
      from bought
      group by customer_id, product_id
    ),
    assortment as (
      select customer_id, count(*) as distinct_products, avg((days > 1)::integer) as reordered_share,
        (array_agg(left(name, 80) order by days desc, amount desc, product_id) filter (where name <> ''))[1:60] as names,
        (array_agg(left(picture_caption, 120) order by days desc, amount desc, product_id)
          filter (where picture_caption is not null))[1:60] as captions
      from goods join product p on p.id = product_id
      group by customer_id
    ),
    taste as (
      -- The inverse of the sum of squared shares (Simpson): as many equally bought categories as would vary as much.
      select customer_id,
        sum(amount order by amount desc, category) ^ 2 / sum(amount ^ 2 order by amount desc, category)
          as category_diversity,
        (array_agg(left(category, 80) order by amount desc, category))[1:3] as categories
      from (
        select customer_id, category, sum(amount) as amount
        from goods join product p on p.id = product_id
        where category is not null
        group by customer_id, category
      ) by_category
      group by customer_id
    ),
    last_visit as (
      select customer_id, day, net, items from visit where net > 0 and newest_first <= 3
    ),
    basket_names as (
      select customer_id, day,
        (array_agg(left(name, 80) order by amount desc, product_id) filter (where name <> ''))[1:4] as names
      from last_visit join bought using (customer_id, day) join product p on p.id = product_id
      group by customer_id, day
    ),
    basket as (
      select customer_id,
        jsonb_agg(jsonb_build_object('daysAgo', ${today} - day, 'value', net, 'items', items, 'products', names)
          order by day desc) as baskets
      from last_visit left join basket_names using (customer_id, day)
      group by customer_id
    )`;

import { dayMs } from '../../days.js';
import { featureDefinitions } from './feature-definitions.js';
import { cleanLines } from './purchase-days.js';

/** The as-of instant's UTC day. $1 is the as-of instant, $2 the customers' ids, or null for all, $3 what `eventsSince` gives. */
const today = `(($1::timestamptz at time zone 'UTC')::date)`;
const scope = (column: string): string => `($2::bigint[] is null or ${column} = any($2::bigint[]))`;
const recent = (days: number): string => `day >= ${today} - ${days}`;
const windows = [30, 90, 180, 365];

/** `visit` and `spending`: what purchase days say of each customer who bought before the as-of day. */
const spendingTables = `
    visit as (
      select customer_id, day, net, gross, returned, items, products,
        min(day) filter (where net > 0) over customer as first_day,
        max(day) filter (where net > 0) over customer as last_day,
        max(day) filter (where net > 0) over earlier as previous_day,
        count(*) filter (where net > 0) over customer - count(*) filter (where net > 0) over earlier as newest_first
      from purchase_day
      where day < ${today} and ${scope('customer_id')}
      window customer as (partition by customer_id),
        earlier as (customer order by day rows between unbounded preceding and 1 preceding)
    ),
    spending as (
      select customer_id,
        count(*) filter (where net > 0) - 1 as repeat_days,
        max(last_day) - max(first_day) as recency_span_days,
        ${today} - max(first_day) as age_days,
        coalesce(avg(net) filter (where net > 0 and day > first_day), 0) as repeat_mean_value,
        ${today} - max(last_day) as days_since_last,
        sum(net) as total_spend,
        avg(net) filter (where net > 0) as mean_occasion_value,
        max(net) as max_occasion_value,
        sum(net) filter (where day = first_day) as first_occasion_value,
        sum(net) filter (where day = last_day) as last_occasion_value,
        ${windows.map((days) => `coalesce(sum(net) filter (where ${recent(days)}), 0) as spend_${days},`).join('\n        ')}
        ${windows.map((days) => `count(*) filter (where net > 0 and ${recent(days)}) as occasions_${days},`).join('\n        ')}
        -- From -1 (all in the earlier half of the time since the first purchase) to 1 (all in the recent half).
        case when max(last_day) > max(first_day) then
          sum(case when 2 * (${today} - day) <= ${today} - first_day then net else -net end) filter (where net > 0)
            / sum(net) filter (where net > 0)
        end as spend_trend,
        stddev_samp(day - previous_day) filter (where net > 0) as gap_std_days,
        avg(items) filter (where net > 0) as items_per_occasion,
        avg(nullif(products, 0)) filter (where net > 0) as products_per_occasion,
        sum(returned) / sum(gross) as return_rate,
        -- The 91 days from the as-of day's anniversary on, seen by those who are old enough to have bought in them.
        case when ${today} - max(first_day) >= 365 - 91 then
          coalesce(sum(net) filter (where net > 0 and (365 - (${today} - day) % 365) % 365 < 91), 0)
            / sum(net) filter (where net > 0)
        end as season_share
      from visit
      group by customer_id
      having max(first_day) is not null
    ),
    cadence as (
      select *,
        recency_span_days::numeric / nullif(repeat_days, 0) as gap_mean_days,
        days_since_last::numeric * nullif(repeat_days, 0) / recency_span_days as recency_over_gap,
        sin(2 * pi() * (extract(doy from ${today}) - 1) / 365.25) as season_sin,
        cos(2 * pi() * (extract(doy from ${today}) - 1) / 365.25) as season_cos
      from spending
    )`;

/** `clean_line`, `goods`, `assortment`, `taste`, `basket`: what was bought. */
const assortmentTables = `
    clean_line as materialized (${cleanLines(
      `${scope('o.customer_id')} and o.customer_id is not null
        and o.placed_at < ${today}::timestamp at time zone 'UTC'`,
    )}),
    -- Money in ten-thousandths as float8: whole numbers, whose sums are exact in any order, and fast.
    bought as materialized (
      select customer_id, product_id, (placed_at at time zone 'UTC')::date as day,
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

const kinds = {
  browse_90: 'BROWSE',
  search_90: 'SEARCH',
  click_90: 'CLICK',
  cart_90: 'CART',
  email_open_90: 'EMAIL_OPEN',
  ticket_90: 'SUPPORT_TICKET',
  review_90: 'REVIEW',
};

/**
 * Events are looked back on for a year: further back they say little, and old partitions stay unread. A parameter of the
 * statement, since a sum would keep the planner from leaving them out.
 */
export function eventsSince(asOf: Date): Date {
  return new Date(asOf.getTime() - 365 * dayMs);
}

const hasWords = `e.type in ('SEARCH', 'SUPPORT_TICKET', 'REVIEW')`;

/** `activity` and `speech`: what the customer did besides buying, and said. Both read the partitions once. */
const eventTables = `
    event as materialized (
      select e.id, e.customer_id, e.type, e.occurred_at, ${hasWords} as has_words,
        case when ${hasWords} then left(e.text, 400) end as text,
        case when ${hasWords} then e.attributes ->> 'stars' end as stars
      from behavior_event e
      where ${scope('e.customer_id')} and e.occurred_at < $1::timestamptz and e.occurred_at >= $3::timestamptz
    ),
    activity as (
      select e.customer_id,
        ${Object.entries(kinds)
          .map(
            ([name, kind]) => `count(*) filter (
          where e.type = '${kind}' and e.occurred_at >= $1::timestamptz - interval '90 days') as ${name},`,
          )
          .join('\n        ')}
        floor(extract(epoch from $1::timestamptz - max(e.occurred_at)) / 86400) as days_since_event
      from event e
      group by e.customer_id
    ),
    said as (
      select customer_id, type, text,
        floor(extract(epoch from $1::timestamptz - occurred_at) / 86400) as days_ago,
        case when stars ~ '^[0-9]{1,2}([.][0-9]{1,6})?$' then stars::float8 end as stars,
        row_number() over (partition by customer_id, type order by occurred_at desc, id desc) as place
      from event
      where has_words
    ),
    speech as (
      select customer_id,
        max(stars) filter (where type = 'REVIEW' and place = 1) as review_stars,
        jsonb_agg(jsonb_build_object('type', type, 'text', text, 'daysAgo', days_ago, 'stars', stars)
          order by type, place) as said
      from said
      where place <= case when type = 'SEARCH' then 3 else 1 end
      group by customer_id
    )`;

/** The attributes that are named in a parameter and that customer `c` has, in their order. */
const covariatesOf = (parameter: string): string => `(
          select jsonb_agg(jsonb_build_object('attribute', name, 'value', c.attributes -> name) order by place)
          from unnest(${parameter}::text[]) with ordinality as named (name, place)
          where c.attributes ? name)`;

/** Attributes alone, of the customers in $1: `covariates` as in the context. */
export const covariateStatement = `select c.id, ${covariatesOf('$2')} as covariates from customer c where c.id = any($1::bigint[])`;

/**
 * The one statement that computes features: for every customer in $2 (all, where it is null) with a purchase occasion
 * before the UTC day of the instant $1. Purchase days are strictly before that day, events strictly before the instant.
 * Sums are of exact numerics, so that no plan and no order of rows changes a feature.
 * Columns: customer_id, features (float8[] in the order of `featureDefinitions`), context (`NarrativeContext`).
 * @param covariates the parameter with names of attributes, e.g. `$4`, for the context to have their values
 */
export const featureStatement = (covariates?: `$${number}`): string => `
    with ${spendingTables},
    ${assortmentTables},
    ${eventTables}
    select s.customer_id,
      array[${featureDefinitions.map(({ name }) => columnOf(name)).join(', ')}]::float8[] as features,
      jsonb_build_object(
        'country', c.country,
        'categories', coalesce(t.categories, '{}'),
        'products', coalesce(a.names, '{}'),
        'captions', coalesce(a.captions, '{}'),
        'baskets', coalesce(b.baskets, '[]'),
        'said', coalesce(sp.said, '[]'),
        -- Only to take names out of what the customer wrote; it goes no further than the narrative's scrubbing.
        'scrub', case when sp.said is not null then
          (select concat_ws(' ', d.name, d.email)
           from customer_personal_data d where d.customer_id = s.customer_id) end${
             covariates
               ? `,
        'covariates', ${covariatesOf(covariates)}`
               : ''
           }
      ) as context
    from cadence s
    join customer c on c.id = s.customer_id and ${scope('c.id')}
    left join assortment a on a.customer_id = s.customer_id
    left join taste t on t.customer_id = s.customer_id
    left join basket b on b.customer_id = s.customer_id
    left join activity e on e.customer_id = s.customer_id
    left join speech sp on sp.customer_id = s.customer_id
    order by s.customer_id`;

/** The prior's inputs alone, by the same expressions: x, t_x, T, m of every customer in scope. */
export const rfmStatement = `
    with ${spendingTables}
    select customer_id, repeat_days::float8 as x, recency_span_days::float8 as tx, age_days::float8 as age,
      repeat_mean_value::float8 as m, first_occasion_value::float8 as first
    from spending
    order by customer_id`;

function columnOf(name: string): string {
  if (name in kinds) return `coalesce(e.${name}, 0)`;
  return name;
}

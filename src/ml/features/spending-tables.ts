import { utcDayOf, utcMidnightOf } from '../../database/utc-day.js';
import { seasonYearDays } from './season.js';

// In all tables of the statement, $1 is the as-of instant, $2 the customers' ids, or null for all, $3 what `eventsSince` gives.

/** The as-of instant's UTC day. */
export const today = utcDayOf('$1');
/** The beginning of that day, before which events count: predictions are of whole days from it on. */
export const midnight = utcMidnightOf(today);
export const scope = (column: string): string => `($2::bigint[] is null or ${column} = any($2::bigint[]))`;
const recent = (days: number): string => `day >= ${today} - ${days}`;
const windows = [30, 90, 180, 365];

/** `visit`, `spending` and `cadence`: what purchase days say of each customer who bought before the as-of day. */
export const spendingTables = `
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
        sin(2 * pi() * (extract(doy from ${today}) - 1) / ${seasonYearDays}) as season_sin,
        cos(2 * pi() * (extract(doy from ${today}) - 1) / ${seasonYearDays}) as season_cos
      from spending
    )`;

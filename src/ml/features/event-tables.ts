import { dayMs, startOfDay, wholeYearDays } from '../../days.js';
import { midnight, scope } from './spending-tables.js';

/** Days before the as-of day in which events are counted. */
export const eventCountDays = 90;
/** Features that count the events of a type in these days. */
export const eventCounts = {
  browse_90: 'BROWSE',
  search_90: 'SEARCH',
  click_90: 'CLICK',
  cart_90: 'CART',
  email_open_90: 'EMAIL_OPEN',
  ticket_90: 'SUPPORT_TICKET',
  review_90: 'REVIEW',
};

/**
 * Start of the year of events that features look at: older ones say little, and old partitions are not read. It is a parameter of the
 * statement, since with an expression in its place the planner could not prune them.
 */
export function eventsSince(asOf: Date): Date {
  return new Date(startOfDay(asOf).getTime() - wholeYearDays * dayMs);
}

/** Types of events whose texts are in narratives. */
export const spokenTypes = ['SEARCH', 'SUPPORT_TICKET', 'REVIEW'] as const;

const hasWords = `e.type in (${spokenTypes.map((type) => `'${type}'`).join(', ')})`;

/** `activity` and `speech`: what the customer did besides buying, and what was said. The partitions are read once for both. */
export const eventTables = `
    event as materialized (
      select e.id, e.customer_id, e.type, e.occurred_at, ${hasWords} as has_words,
        case when ${hasWords} then left(e.text, 400) end as text,
        case when ${hasWords} then e.attributes ->> 'stars' end as stars
      from behavior_event e
      where ${scope('e.customer_id')} and e.occurred_at < ${midnight} and e.occurred_at >= $3::timestamptz
    ),
    activity as (
      select e.customer_id,
        ${Object.entries(eventCounts)
          .map(
            ([name, kind]) => `count(*) filter (
          where e.type = '${kind}' and e.occurred_at >= ${midnight} - interval '${eventCountDays} days') as ${name},`,
          )
          .join('\n        ')}
        floor(extract(epoch from ${midnight} - max(e.occurred_at)) / 86400) as days_since_event
      from event e
      group by e.customer_id
    ),
    said as (
      select customer_id, type, text,
        floor(extract(epoch from ${midnight} - occurred_at) / 86400) as days_ago,
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

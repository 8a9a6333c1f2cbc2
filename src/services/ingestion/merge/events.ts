import { sizeBeyondLimit } from './attribute-limits.js';
import { mergedAttributes } from './attributes.js';

/**
 * Given: external_id, customer, product (external ids), type, text text; occurred_at timestamptz; attributes jsonb.
 * External id and instant identify an event. The partitions must exist. `changed` also has `customer_id`, `occurred_at` and, of
 * events that now have too many attributes, `overfull`, which is their size: roll back. (To look before the merge costs a third of it.) See
 * customers.ts.
 */
export function eventMerge(given: string): string {
  return `
    with given as (${given}),
    -- Months in which nothing is given are not read.
    span as (select min(occurred_at) as first, max(occurred_at) as last from (${given}) as dated),
    different as (
      select * from (
        select g.external_id, g.occurred_at, c.id as customer_id, g.type::behavior_event_type as type,
          coalesce(p.id, e.product_id) as product_id,
          nullif(coalesce(g.text, e.text), '') as text,
          ${mergedAttributes('e.attributes')} as attributes,
          e as old, e.xmin::text as version
        from given g
        join customer c on c.source = $1 and c.external_id = g.customer
        left join product p on p.source = $1 and p.external_id = g.product
        left join behavior_event e
          on e.source = $1 and e.external_id = g.external_id and e.occurred_at = g.occurred_at
          and e.occurred_at >= (select first from span) and e.occurred_at <= (select last from span)
      ) as compared
      where (old).id is null
        or ((old).customer_id, (old).type, (old).product_id, (old).text, (old).attributes)
          is distinct from (customer_id, type, product_id, text, attributes)
    ),
    written as (
      insert into behavior_event (source, external_id, occurred_at, customer_id, type, product_id, text, attributes)
      select $1, external_id, occurred_at, customer_id, type, product_id, text, attributes
      from different
      order by occurred_at, external_id
      on conflict (source, external_id, occurred_at) do update set
        customer_id = excluded.customer_id, type = excluded.type, product_id = excluded.product_id,
        text = excluded.text, attributes = excluded.attributes
      -- Events have no "updated_at". Only where there is a conflict are these read, once, into a hash.
      where (excluded.external_id, excluded.occurred_at, behavior_event.xmin::text)
        in (select external_id, occurred_at, version from different)
      returning id, external_id, occurred_at, customer_id
    ),
    -- xmax, which tells created from updated elsewhere, cannot be returned from a partitioned table.
    changed as (
      select w.*, (d.old).id is null as created, (d.old).customer_id as previous_customer_id,
        case when d.attributes is distinct from (d.old).attributes then ${sizeBeyondLimit('d.attributes')} end as overfull
      from written w join different d using (external_id, occurred_at)
    )`;
}

/** Makes the partitions for the months of the instants. Not in a long transaction: others who make partitions wait for its end. */
export function eventPartitions(instants: string): string {
  return `
    select ensure_behavior_event_partitions(month, month)
    from (select distinct date_trunc('month', i at time zone 'UTC') at time zone 'UTC' as month
      from (${instants}) as instant (i)) as months`;
}

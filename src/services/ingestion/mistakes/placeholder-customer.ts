import type { PlaceholderCustomer } from '../import.types.js';
import type { IngestionSession } from '../ingestion-session.js';

const leastOrders = 1_000;
const leastShare = 0.01;
/** The id must have this many times the mean of orders, since each of few customers may have more than a hundredth of them. */
const timesTheMean = 10;
/** And this many times those of the next frequent id, which a keen buyer hardly has. */
const timesTheNext = 3;
/** No customer has so many orders, however the next one may compare: that may be another placeholder. */
const shareOfNobody = 0.1;

/** What databases and pandas write in place of nothing, in lower case. */
const namesOfNothing = ['null', '\\n', 'nan', '<na>', 'none', 'nil', 'n/a', '#n/a', 'undefined'];

/**
 * Looks for a customer id that stands for no customer: one that many of the staged orders have, such as the 0 that a shop writes for guests,
 * or one that is a word for nothing. The table's statistics say which id is the most frequent; orders are counted only if it is frequent
 * enough.
 */
export async function findPlaceholderCustomer(session: IngestionSession): Promise<PlaceholderCustomer | null> {
  const [found] = await session.query<PlaceholderCustomer>(
    `
    with frequent as (
      select customer, false as is_named
      from (
        select customer, share, lead(share, 1, 0) over (order by share desc) as next
        from pg_stats,
          unnest(most_common_vals::text::text[], most_common_freqs::double precision[]) as value (customer, share)
        where schemaname = pg_my_temp_schema()::regnamespace::text and tablename = 'staged_order' and attname = 'customer'
        order by share desc
        limit 1
      ) as most
      -- The statistics are of a sample.
      where share > $2::double precision / 2 and (share > $6 or share > next * $5)
    ),
    likely as (
      select * from frequent
      union all
      (select customer, true from staged_order where lower(customer collate "C") = any ($4::text[]) limit 1)
    )
    select customer as "externalId", orders, of_orders as "ofOrders"
    from likely,
      lateral (
        select (count(*) filter (where o.customer = likely.customer))::integer as orders, count(*)::integer as of_orders
        from staged_order o
      ) as counted,
      lateral (select count(*) as customers from staged_customer) as all_customers
    where is_named
      or of_orders >= $1 and orders > of_orders * $2::double precision and orders * customers > of_orders * $3
    order by orders desc
    limit 1`,
    [leastOrders, leastShare, timesTheMean, namesOfNothing, timesTheNext, shareOfNobody],
  );
  return found ?? null;
}

import type { Queryable } from '../../database/queryable.js';

/**
 * Brings `customer_summary` up to date with purchase days, order lines and products.
 * @param customerIds database ids
 * @param addedOrders query for the ids of the orders that got lines since the last time. To be given only if nothing was changed or
 *   removed: categories can then only have been added, and only these orders are read for them
 */
export async function refreshSummaries(
  queryable: Queryable,
  customerIds: readonly string[] | 'all',
  addedOrders?: string,
): Promise<void> {
  const all = customerIds === 'all';
  await queryable.query(summaryStatement(all, addedOrders), all ? [] : [customerIds]);
}

function summaryStatement(all: boolean, addedOrders: string | undefined): string {
  const scope = all ? '' : 'where c.customer_id = any($1::bigint[])';
  const orderScope = all ? 'o.customer_id is not null' : 'o.customer_id = any($1::bigint[])';
  const bought = boughtCategories(addedOrders ? `${orderScope} and o.id in (${addedOrders})` : orderScope);
  const categories = addedOrders ? knownAndBought : `coalesce(b.categories, '{}')`;
  return `
    update customer_summary s set
      first_day = n.first_day, last_day = n.last_day, occasions = n.occasions, orders = n.orders, spend = n.spend,
      returned = n.returned, mean_occasion_value = n.mean_occasion_value,
      gap_mean_days = (n.last_day - n.first_day)::float8 / nullif(n.occasions - 1, 0), categories = n.categories
    from (
      select d.*, ${categories} as categories
      from (
        select c.customer_id,${addedOrders ? ' c.categories as known,' : ''}
          min(p.day) filter (where p.net > 0) as first_day,
          max(p.day) filter (where p.net > 0) as last_day,
          (count(*) filter (where p.net > 0))::integer as occasions,
          coalesce(sum(p.orders), 0)::integer as orders,
          coalesce(sum(p.net), 0) as spend,
          coalesce(sum(p.returned), 0) as returned,
          round(avg(p.net) filter (where p.net > 0), 4) as mean_occasion_value
        from customer_summary c left join purchase_day p on p.customer_id = c.customer_id
        ${scope}
        group by c.customer_id
      ) d left join (${bought}) b using (customer_id)
    ) n
    where s.customer_id = n.customer_id
      and (s.first_day, s.last_day, s.occasions, s.orders, s.spend, s.returned, s.mean_occasion_value, s.categories)
        is distinct from
        (n.first_day, n.last_day, n.occasions, n.orders, n.spend, n.returned, n.mean_occasion_value, n.categories)`;
}

const eachOnce = (category: string) => `array_agg(distinct ${category} collate "C") collate "default"`;

const knownAndBought = `
        case when b.categories is null or b.categories <@ d.known then d.known
          else (select ${eachOnce('category')} from unnest(d.known || b.categories) as category) end`;

/**
 * A query for customer_id and categories: those of all products that the customer bought, and did not only return, without duplicates, in
 * the order of their bytes. Customers without any are left out.
 * @param orderScope SQL condition on `customer_order o`, under which `o.customer_id` is never null
 */
export function boughtCategories(orderScope: string): string {
  return `
      select o.customer_id, ${eachOnce('g.category')} as categories
      from customer_order o join order_line l on l.order_id = o.id join product g on g.id = l.product_id
      where ${orderScope} and l.quantity > 0 and g.category is not null
      group by o.customer_id`;
}

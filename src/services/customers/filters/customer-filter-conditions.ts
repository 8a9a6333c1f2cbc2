import { requireText } from './customer-filter-values.js';

/** Conditions in SQL, of columns and parameters. */

export const allOf = (parts: readonly string[]): string => (parts.length === 0 ? 'true' : `(${parts.join(' and ')})`);
export const anyOf = (parts: readonly string[]): string => `(${parts.join(' or ')})`;

/**
 * Query for the ids of customers with these external ids, in any source. It searches source by source, since the index begins with the
 * source; `offset 0` keeps the planner from reading all customers instead. The list is found once for the whole statement.
 */
export function customersCalled(externalIds: string): string {
  return `
    with recursive known (source) as (
      select min(source) from customer
      union all
      select (select min(source) from customer where source > known.source) from known where known.source is not null
    )
    select called.id from known cross join lateral (
      select id from customer where source = known.source and external_id = any(${externalIds}) offset 0) called`;
}

/**
 * How purchases and events are read: `each` looks them up customer by customer, for few customers; `once` lets the planner read those of
 * all and join them; `apart` reads those of all where nothing can be joined, as within `or`.
 */
export type Reading = 'each' | 'once' | 'apart';

/** Customers who bought, and did not only return, such a product `g`. */
export function bought(product: string, reading: Reading): string {
  const purchases = `customer_order o join order_line l on l.order_id = o.id join product g on g.id = l.product_id
    where l.quantity > 0 and ${product}`;
  if (reading === 'apart')
    return isAmong(`select distinct o.customer_id from ${purchases} and o.customer_id is not null`);
  return `exists (select 1 from ${purchases} and o.customer_id = c.id${reading === 'each' ? ' offset 0' : ''})`;
}

/**
 * Whether `customer c` is among those of the query, which runs once for all customers. The ids are searched by bisection: a subquery that
 * does not fit into `work_mem` would be gone through for every customer.
 * @param found a query of `customer_id`, none of them null
 */
export function isAmong(found: string): string {
  return `coalesce(
    (select range_agg(int8range(customer_id, customer_id + 1)) from (${found}) found) @> c.id, false)`;
}

/**
 * Whether at least `lines` order lines are of such products `g`. It goes from product to product, which `offset 0` enforces, and stops as
 * soon as there are enough.
 */
export function fillsLines(product: string, lines: number): string {
  return `(
    select count(*) from (
      select from product g cross join lateral (select from order_line l where l.product_id = g.id offset 0) l
      where ${product} limit ${lines}) found) = ${lines}`;
}

/** `exists` looks up each of few customers; `in` would read all members even then. @param group null for both */
export function inCampaign(name: string, group: string | null): string {
  return `exists (
    select from campaign_member m
    where m.customer_id = c.id and m.campaign_id = (select id from campaign where name = ${name})${group ? ` and m.member_group = ${group}` : ''})`;
}

/** Upper and lower case of every script, whatever the locale of the database. */
export const anyLanguage = 'collate "und-x-icu"';

/** Containment is quick, but also true of lists and objects that hold more; the second condition excludes these. */
export function hasAttributes(wanted: string): string {
  return `(c.attributes @> ${wanted} and not exists (
    select 1 from jsonb_each(${wanted}) as wanted (name, value) where c.attributes -> name is distinct from value))`;
}

/** An ILIKE pattern of texts that contain the given one. */
export function containing(text: string): string {
  return `%${requireText('boughtProduct', text).replace(/[\\%_]/g, '\\$&')}%`;
}

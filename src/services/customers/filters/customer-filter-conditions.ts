import { requireText } from './customer-filter-values.js';

/** Conditions in SQL, of columns and parameters. */

export const allOf = (parts: readonly string[]): string => (parts.length === 0 ? 'true' : `(${parts.join(' and ')})`);
export const anyOf = (parts: readonly string[]): string => `(${parts.join(' or ')})`;

/**
 * Query for the ids of those whom any source calls so. It looks for them source by source: that is what the index begins
 * with, and `offset 0` keeps the planner from reading all customers at once instead. As a list found once it serves
 * whatever else is asked of the customers.
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
 * What is read beside the customers: `each` looks it up for every customer, which is right for some of them; `once` lets the
 * planner read that of all and join it; `apart` does so where nothing can be joined, as within `or`.
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
 * Whether `customer c` is one of those that the query finds, once and for all customers. Ranges are searched by halves. A subquery
 * that does not fit into `work_mem` would be gone through for every customer.
 * @param found a query of `customer_id`, none of them null
 */
export function isAmong(found: string): string {
  return `coalesce(
    (select range_agg(int8range(customer_id, customer_id + 1)) from (${found}) found) @> c.id, false)`;
}

/**
 * Whether at least `lines` order lines are of such products `g`. It goes from product to product, which `offset 0` keeps so, and no
 * further than that.
 */
export function fillsLines(product: string, lines: number): string {
  return `(
    select count(*) from (
      select from product g cross join lateral (select from order_line l where l.product_id = g.id offset 0) l
      where ${product} limit ${lines}) found) = ${lines}`;
}

/** Of few customers each is looked up: `in` would read all members even then. @param group null for both */
export function inCampaign(name: string, group: string | null): string {
  return `exists (
    select from campaign_member m
    where m.customer_id = c.id and m.campaign_id = (select id from campaign where name = ${name})${group ? ` and m.member_group = ${group}` : ''})`;
}

/** Capitals of every script, whatever the database was made for. */
export const anyLanguage = 'collate "und-x-icu"';

/** Containment is a quick look, which also lets pass lists and objects that hold more than is asked for. */
export function hasAttributes(wanted: string): string {
  return `(c.attributes @> ${wanted} and not exists (
    select 1 from jsonb_each(${wanted}) as wanted (name, value) where c.attributes -> name is distinct from value))`;
}

/** An ILIKE pattern in which the text stands for itself. */
export function containing(text: string): string {
  return `%${requireText('boughtProduct', text).replace(/[\\%_]/g, '\\$&')}%`;
}

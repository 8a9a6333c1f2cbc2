import type { Queryable } from '../../database/queryable.js';

/** The source of all customers, products and orders of a demo shop. */
export const demoSource = 'demo';

export async function holdsDemo(queryable: Queryable): Promise<boolean> {
  const found = await queryable.query('select 1 from customer where source = $1 limit 1', [demoSource]);
  return found.length > 0;
}

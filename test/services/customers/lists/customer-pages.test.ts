import { beforeAll, describe, expect, it } from 'vitest';
import { refreshPurchaseDays } from '../../../../src/ml/features/purchase-days.js';
import type { CustomerFilter } from '../../../../src/services/customers/customer-filter.types.js';
import type { CustomerOrder } from '../../../../src/services/customers/lists/customer-list-order.js';
import { CustomerListStatements } from '../../../../src/services/customers/lists/customer-list-statements.js';
import { CustomerListService } from '../../../../src/services/customers/customer-list.service.js';
import { testConfig } from '../../../support/config.js';
import { useTestDatabase } from '../../../support/database.js';
import { listed } from './all-pages.js';

const customers = 24_000;
/** Of each page those who fit among so many first ones are looked up one by one. */
const triedFirst = 10_000;
const asOf = new Date('2026-01-01T00:00:00Z');
const scope = { asOf, isModelActive: false, scored: null };

/** The higher a customer's number, the more was spent. */
const rich: CustomerFilter = { country: ['Richland'] };
const isRich = (customer: number) => customer > customers - 500;
const scattered: CustomerFilter = { attributes: { channel: 'social' } };
const isScattered = (customer: number) => customer % 40 === 0;
/** Of what more order lines are than customers are looked up, and of what few are. */
const buyers: CustomerFilter = { boughtProduct: 'toy' };
const buyersOfFew: CustomerFilter = { boughtProduct: 'rattle' };
const ofCategory: CustomerFilter = { boughtCategory: ['Toys'] };
const isBuyer = (customer: number) => customer > 12_000 && customer % 2 === 0;

describe('a page of few customers of many', () => {
  const database = useTestDatabase();
  let lists: CustomerListService;
  beforeAll(async () => {
    const { dataSource } = database;
    lists = new CustomerListService(dataSource, {
      ...testConfig(),
      asOf: asOf.toISOString(),
    });
    await dataSource.query(
      `insert into customer (id, external_id, country, attributes)
       select n, n, case when n > ${customers - 500} then 'Richland' else 'Elsewhere' end,
         jsonb_build_object('channel', case when n % 40 = 0 then 'social' else 'search' end)
       from generate_series(1, ${customers}) n`,
    );
    await dataSource.query(
      `insert into product (id, external_id, name, category) values (1, 'toy', 'A toy', 'Toys'), (2, 'rattle', 'A rattle', null)`,
    );
    await dataSource.query(
      `insert into customer_order (id, external_id, customer_id, placed_at, currency, total)
       select id, id, id, '2025-06-01Z', 'EUR', 1 from customer where id > 12000 and id % 2 = 0`,
    );
    await dataSource.query(
      `insert into order_line (order_id, line_number, product_id, quantity, unit_price)
       select id, line, 1, 1, 1 from customer_order cross join generate_series(1, 2) line
       union all select id, 3, 2, 1, 1 from customer_order where id % 40 = 0`,
    );
    await dataSource.transaction((manager) => refreshPurchaseDays(manager, 'all'));
    await dataSource.query('update customer_summary set spend = customer_id, orders = customer_id % 7');
    for (const table of ['customer', 'customer_summary', 'customer_order', 'order_line', 'product']) {
      await dataSource.query(`vacuum analyze ${table}`);
    }
  });

  const orders: CustomerOrder[] = (['CREATED', 'SPEND', 'ORDERS'] as const).flatMap((field) =>
    (['ASC', 'DESC'] as const).map((direction) => ({ field, direction })),
  );

  it.each(orders)('has those who fit, each once, by $field $direction', async (order) => {
    for (const [filter, fits] of [
      [rich, isRich],
      [scattered, isScattered],
      [buyers, isBuyer],
      [buyersOfFew, (customer: number) => isBuyer(customer) && isScattered(customer)],
      [{ ...buyersOfFew, ...rich }, (customer: number) => isRich(customer) && isScattered(customer)],
      [{ or: [buyersOfFew, rich] }, (n: number) => isRich(n) || (isBuyer(n) && isScattered(n))],
      [{ not: buyersOfFew }, (n: number) => !isBuyer(n) || !isScattered(n)],
      [ofCategory, isBuyer],
      [{ or: [rich, { not: ofCategory }] }, (customer: number) => isRich(customer) || !isBuyer(customer)],
      [{ ...rich, ...scattered }, (customer: number) => isRich(customer) && isScattered(customer)],
      [
        { ...scattered, spend: { min: 5_000, max: 20_000 } },
        (n: number) => isScattered(n) && n >= 5_000 && n <= 20_000,
      ],
      [{ or: [rich, scattered] }, (customer: number) => isRich(customer) || isScattered(customer)],
      [{ country: ['Nowhere'] }, () => false],
    ] as const) {
      const value = (customer: number) => (order.field === 'ORDERS' ? customer % 7 : 0);
      const fitting = Array.from({ length: customers }, (_, i) => i + 1)
        .filter(fits)
        .toSorted((one, other) => value(one) - value(other) || one - other);
      expect(await listed(lists, { first: 200, filter, orderBy: order })).toEqual(
        order.direction === 'ASC' ? fitting : fitting.toReversed(),
      );
    }
  });

  it('looks up no more of them one by one than the first ones', async () => {
    for (const filter of [rich, buyers]) {
      const { loops } = await planOf(filter, { field: 'SPEND', direction: 'ASC' });
      expect(Math.max(...loops)).toBeLessThanOrEqual(triedFirst);
    }
  });

  it('looks for nobody else where the first ones fill it', async () => {
    const { seen } = await planOf(scattered, { field: 'SPEND', direction: 'ASC' });
    expect(seen).toBeLessThanOrEqual(2 * triedFirst);
    const { seen: amongBuyers } = await planOf(buyers, { field: 'SPEND', direction: 'DESC' });
    // With the lines that say how often it was sold.
    expect(amongBuyers).toBeLessThan(triedFirst + 1_000);
  });

  it('looks at once for those who bought what was seldom sold', async () => {
    for (const direction of ['ASC', 'DESC'] as const) {
      const { loops } = await planOf(buyersOfFew, { field: 'SPEND', direction });
      expect(Math.max(...loops)).toBeLessThanOrEqual(customers / 80);
    }
  });

  it('begins where the filter says, in its own order', async () => {
    const { seen } = await planOf({ ...scattered, spend: { max: 9_000 } }, { field: 'SPEND', direction: 'DESC' });
    expect(seen).toBeLessThanOrEqual(triedFirst);
  });

  it.each<CustomerFilter>([{ or: [rich, buyers] }, { not: buyers }])(
    'looks at once for those who bought, whatever the planner expects: %j',
    async (filter) => {
      const { sql, parameters } = new CustomerListStatements(scope, { filter }).aggregate('sum(s.spend)', 'summary');
      const plan = await database.dataSource.transaction(async (manager) => {
        // As it does where it thinks little of the number of customers.
        await manager.query('set local enable_hashjoin = off; set local enable_mergejoin = off');
        return manager.query(`explain (format json) ${sql}`, parameters);
      });
      expect(JSON.stringify(plan)).not.toContain('"Parent Relationship":"SubPlan"');
    },
  );

  /** How often each table was gone to, and how many rows of all customers' tables were seen together. */
  async function planOf(filter: CustomerFilter, order: CustomerOrder): Promise<{ loops: number[]; seen: number }> {
    const list = new CustomerListStatements(scope, { filter });
    const { sql, parameters } = list.page(order, 'known', undefined, { limit: 51, columns: [] });
    const [{ 'QUERY PLAN': plan }] = await database.dataSource.query<[{ 'QUERY PLAN': unknown[] }]>(
      `explain (analyze, format json) ${sql}`,
      parameters,
    );
    const nodes = [
      ...JSON.stringify(plan).matchAll(/"Relation Name":"[^}]*?"Actual Rows":([\d.]+),"Actual Loops":(\d+)/g),
    ].map(([, rows, loops]) => ({ rows: Number(rows), loops: Number(loops) }));
    expect(nodes.length).toBeGreaterThan(1);
    return {
      loops: nodes.map(({ loops }) => loops),
      seen: nodes.reduce((sum, { rows, loops }) => sum + rows * loops, 0),
    };
  }
});

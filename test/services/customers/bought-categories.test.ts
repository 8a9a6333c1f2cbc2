import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { BoughtCategories1764028800016 } from '../../../migrations/1764028800016-bought-categories.js';
import { loadConfig } from '../../../src/config.js';
import { findStaleCustomers, refreshPurchaseDays } from '../../../src/ml/features/purchase-days.js';
import type { CustomerFilter } from '../../../src/services/customers/customer-filter.types.js';
import { CustomerListStatements } from '../../../src/services/customers/lists/customer-list-statements.js';
import { CustomerListService } from '../../../src/services/customers/customer-list.service.js';
import { deleteOrders } from '../../../src/services/ingestion/live/deletions.js';
import { eraseCustomers } from '../../../src/services/ingestion/live/erasure.js';
import { importFile } from '../../../src/services/ingestion/import-file.js';
import { upsertOrders } from '../../../src/services/ingestion/live/upsert-orders.js';
import { upsertProducts } from '../../../src/services/ingestion/live/upserts.js';
import { useTestDatabase } from '../../support/database.js';
import { useFolder } from '../../support/folder.js';

/** Order, day, customer, product, quantity, category. */
type Row = readonly [string, string, string, string, number, string];

const header = 'order,date,customer,sku,qty,price,category';
const columns = {
  'order.externalId': 'order',
  'order.placedAt': 'date',
  'customer.externalId': 'customer',
  'product.externalId': 'sku',
  'product.category': 'category',
  'line.quantity': 'qty',
  'line.unitPrice': 'price',
};

describe('who bought of a category', () => {
  const source = 'shop';
  const database = useTestDatabase();
  const folder = useFolder();
  let lists: CustomerListService;
  beforeAll(async () => {
    lists = new CustomerListService(database.dataSource, { ...loadConfig({}, '/nonexistent').config });
  });

  async function load(rows: readonly Row[]): Promise<void> {
    const path = join(folder, 'lines.csv');
    const lines = rows.map(([order, day, customer, sku, quantity, category]) =>
      [order, day, customer, sku, quantity, '2.50', category].join(','),
    );
    await writeFile(path, [header, ...lines].join('\n'));
    const mapping = { kind: 'order-lines' as const, columns };
    await importFile(database.dataSource, { path, mapping, source, currency: 'EUR' });
  }

  async function buyers(category: string): Promise<string[]> {
    const { edges } = await lists.page({ first: 50, filter: { boughtCategory: [category] } });
    return edges.map(({ node }) => node.externalId).toSorted();
  }

  const order = (externalId: string, customerExternalId: string, productExternalId: string, quantity = 1) => ({
    externalId,
    customerExternalId,
    placedAt: '2024-03-01T00:00:00Z',
    lines: [{ productExternalId, quantity, unitPrice: '2.50' }],
  });
  const upsert = (...orders: ReturnType<typeof order>[]) =>
    upsertOrders(database.dataSource, orders, { source, currency: 'EUR' });

  it('is told by a first load, without those who only sent back', async () => {
    await load([
      ['A1', '2024-03-01', 'ann', 'mug', 1, 'Kitchen'],
      ['A1', '2024-03-01', 'ann', 'lamp', 2, 'Light'],
      ['A2', '2024-03-02', 'ann', 'mug', 3, 'Kitchen'],
      ['B1', '2024-03-02', 'bob', 'cup', 1, 'Kitchen'],
      ['B2', '2024-03-03', 'bob', 'lamp', -1, 'Light'],
      ['N1', '2024-03-03', '', 'lamp', 1, 'Light'],
    ]);
    expect([await buyers('Kitchen'), await buyers('Light')]).toEqual([['ann', 'bob'], ['ann']]);
  });

  it('is told by a later load, which reads only what it adds where nothing else is changed', async () => {
    const asked = vi.spyOn(pg.Client.prototype, 'query');
    await load([
      ['B1', '2024-03-02', 'bob', 'cup', 1, 'Kitchen'],
      ['B3', '2024-03-04', 'bob', 'lamp', 1, 'Light'],
      ['C1', '2024-03-04', 'cleo', 'bag', 1, 'Bags'],
    ]);
    const summaries = asked.mock.calls.map(String).filter((sql) => sql.includes('update customer_summary'));
    expect(summaries).toEqual([expect.stringContaining('o.id in (select order_id from changed_line)')]);
    asked.mockRestore();
    expect([await buyers('Kitchen'), await buyers('Light'), await buyers('Bags')]).toEqual([
      ['ann', 'bob'],
      ['ann', 'bob'],
      ['cleo'],
    ]);
  });

  it('is told by a later load that takes something away', async () => {
    await load([
      ['B3', '2024-03-04', 'bob', 'lamp', -1, 'Light'],
      ['C2', '2024-03-05', 'cleo', 'mug', 1, 'Kitchen'],
    ]);
    expect([await buyers('Kitchen'), await buyers('Light')]).toEqual([['ann', 'bob', 'cleo'], ['ann']]);
    // Of an order that stays what it was but for a product.
    await load([['C2', '2024-03-05', 'cleo', 'bag', 1, 'Bags']]);
    expect(await buyers('Kitchen')).toEqual(['ann', 'bob']);
    await load([['B3', '2024-03-04', 'bob', 'lamp', 1, 'Light']]);
    expect([await buyers('Kitchen'), await buyers('Light')]).toEqual([
      ['ann', 'bob'],
      ['ann', 'bob'],
    ]);
    // Of an order that loses lines which came to nothing.
    const bag = ['C2', '2024-03-05', 'cleo', 'bag', 1, 'Bags'] as const;
    const lamp = ['C2', '2024-03-05', 'cleo', 'lamp', 1, 'Light'] as const;
    await load([bag, lamp, ['C2', '2024-03-05', 'cleo', 'mug', -1, 'Kitchen']]);
    expect(await buyers('Light')).toEqual(['ann', 'bob', 'cleo']);
    await load([bag]);
    expect(await buyers('Light')).toEqual(['ann', 'bob']);
    // Of an order that stays what it was but for its customer.
    await load([['B3', '2024-03-04', 'cleo', 'lamp', 1, 'Light']]);
    expect(await buyers('Light')).toEqual(['ann', 'cleo']);
    await load([['B3', '2024-03-04', 'bob', 'lamp', 1, 'Light']]);
    expect(await buyers('Light')).toEqual(['ann', 'bob']);
  });

  it('changes with a product in an order, though the days stay as they were', async () => {
    await upsert(order('D1', 'dan', 'mug'));
    expect(await buyers('Kitchen')).toEqual(['ann', 'bob', 'dan']);
    await upsert(order('D1', 'dan', 'bag'));
    expect([await buyers('Kitchen'), await buyers('Bags')]).toEqual([
      ['ann', 'bob'],
      ['cleo', 'dan'],
    ]);
  });

  it('changes with the category of a product', async () => {
    await upsertProducts(database.dataSource, [{ externalId: 'bag', category: 'Travel' }], source);
    expect([await buyers('Bags'), await buyers('Travel')]).toEqual([[], ['cleo', 'dan']]);
    await load([['C1', '2024-03-04', 'cleo', 'bag', 1, 'Bags']]);
    expect([await buyers('Bags'), await buyers('Travel')]).toEqual([['cleo', 'dan'], []]);
  });

  it('goes with an order that moves to another customer, and with one that is deleted', async () => {
    await upsert(order('D1', 'eve', 'bag'));
    expect(await buyers('Bags')).toEqual(['cleo', 'eve']);
    await deleteOrders(database.dataSource, ['C1', 'C2'], source);
    expect(await buyers('Bags')).toEqual(['eve']);
  });

  it('leaves nothing of whoever is erased', async () => {
    await eraseCustomers(database.dataSource, ['eve'], source);
    expect(await buyers('Bags')).toEqual([]);
    expect(await database.dataSource.query(`select from customer_summary where 'Bags' = any(categories)`)).toEqual([]);
  });

  it('is found wrong, and mended, where another program changed a category', async () => {
    const { dataSource } = database;
    const stale = () => findStaleCustomers(dataSource, '0', '9223372036854775807');
    expect(await stale()).toEqual([]);
    await dataSource.query(`update product set category = 'Lamps' where external_id = 'lamp'`);
    const ids = await stale();
    expect(ids).toHaveLength(2);
    await dataSource.transaction((manager) => refreshPurchaseDays(manager, ids));
    expect([await stale(), await buyers('Lamps'), await buyers('Light')]).toEqual([[], ['ann', 'bob'], []]);
  });

  it('is told of orders that were there before it was kept', async () => {
    const { dataSource } = database;
    const kept = () => dataSource.query('select customer_id, categories from customer_summary order by 1');
    const before = await kept();
    const runner = dataSource.createQueryRunner();
    const migration = new BoughtCategories1764028800016();
    await runner.startTransaction();
    await migration.down(runner);
    await migration.up(runner);
    await runner.commitTransaction();
    await runner.release();
    expect(await kept()).toEqual(before);
  });

  it('is counted without orders, their lines or products, whatever else is asked', async () => {
    const scope = { asOf: new Date(), scored: null, isModelActive: false };
    const ofCategory: CustomerFilter = { boughtCategory: ['Kitchen'] };
    for (const filter of [ofCategory, { not: ofCategory }, { or: [ofCategory, { orders: { min: 2 } }] }]) {
      const { sql, parameters } = new CustomerListStatements(scope, { filter }).aggregate('count(*)');
      const plan = JSON.stringify(await database.dataSource.query(`explain (format json) ${sql}`, parameters));
      expect(plan.match(/"Relation Name": ?"[^"]+"|customer_order|order_line|product/g)).toEqual([
        '"Relation Name":"customer_summary"',
      ]);
    }
  });
});

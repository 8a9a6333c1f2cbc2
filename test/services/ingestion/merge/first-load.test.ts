import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importFile } from '../../../../src/services/ingestion/import-file.js';
import type { ImportReport } from '../../../../src/services/ingestion/import.types.js';
import { useTestDatabase } from '../../../support/database.js';
import { useFolder } from '../../../support/folder.js';
import { untilLocked } from '../../../support/waiting.js';
import { flat, header, lines as mapping } from '../imports.js';

const database = useTestDatabase();
const folder = useFolder();

describe('a first load of a file in the order of time', () => {
  it('puts the orders and lines of a customer side by side', async () => {
    const path = join(folder, 'till.csv');
    const line = (order: string, day: number, customer: string, sku: string) =>
      `${order},2024-03-${String(day).padStart(2, '0')},${customer},${sku},1,2.50`;
    await writeFile(
      path,
      [
        'order,date,customer,sku,qty,price',
        line('A1', 1, 'ann', 'S1'),
        line('B1', 2, 'bob', 'S1'),
        line('N1', 3, '', 'S3'),
        line('A2', 4, 'ann', 'S2'),
        line('A2', 4, 'ann', 'S1'),
        line('B2', 5, 'bob', 'S2'),
        line('B2', 5, 'bob', ''),
        line('A3', 6, 'ann', 'S3'),
      ].join('\n'),
    );
    await importFile(database.dataSource, { path, mapping, source: 'shop', currency: 'EUR' });
    const lines = await database.dataSource.query(`
      select c.external_id as customer, o.external_id as order, l.line_number as line, p.external_id as sku
      from order_line l join customer_order o on o.id = l.order_id
        left join customer c on c.id = o.customer_id left join product p on p.id = l.product_id
      order by l.ctid`);
    expect(lines.map(Object.values)).toEqual([
      ['ann', 'A1', 1, 'S1'],
      ['ann', 'A2', 1, 'S2'],
      ['ann', 'A2', 2, 'S1'],
      ['ann', 'A3', 1, 'S3'],
      ['bob', 'B1', 1, 'S1'],
      ['bob', 'B2', 1, 'S2'],
      ['bob', 'B2', 2, null],
      [null, 'N1', 1, 'S3'],
    ]);
    const orders = await database.dataSource.query('select external_id from customer_order order by ctid');
    expect(orders.flatMap(Object.values)).toEqual(['A1', 'A2', 'A3', 'B1', 'B2', 'N1']);
    const [next] = await database.dataSource.query(`
      select (select max(id) from customer_order)::text as last,
        (nextval(pg_get_serial_sequence('customer_order', 'id')) - 1)::text as given`);
    expect(next.given).toBe(next.last);
  });

  it('leaves empty what a row leaves empty, and takes the currency that a row has', async () => {
    const path = join(folder, 'empty.csv');
    await writeFile(path, `${header},money\nA1,2024-03-01,ann,,S1,,1,2.50,USD\nB1,2024-03-01,bob,France,S1,,1,2.50,`);
    await database.dataSource.query('truncate customer, product, customer_order, order_line, purchase_day cascade');
    const withCurrency = { ...flat, columns: { ...flat.columns, 'order.currency': 'money' } };
    await importFile(database.dataSource, { path, mapping: withCurrency, source: 'shop', currency: 'EUR' });
    const customers = await database.dataSource.query(`
      select c.external_id as customer, c.country, o.currency
      from customer c join customer_order o on o.customer_id = c.id order by 1`);
    expect(customers.map(Object.values)).toEqual([
      ['ann', null, 'USD'],
      ['bob', 'France', 'EUR'],
    ]);
  });

  it('has the lines of an order in the order of the file, also where they are apart in it', async () => {
    const path = join(folder, 'apart.csv');
    // So many that a sort by order alone would not keep them in the order of the file.
    const ofOrder = (i: number) => (i % 2 === 0 ? 'A1,2024-03-01,ann' : 'B1,2024-03-01,bob');
    const rows = Array.from({ length: 60 }, (_, i) => `${ofOrder(i)},S${60 - i},1,1`);
    await writeFile(path, ['order,date,customer,sku,qty,price', ...rows].join('\n'));
    await database.dataSource.query('truncate customer, product, customer_order, order_line, purchase_day cascade');
    await importFile(database.dataSource, { path, mapping, source: 'shop', currency: 'EUR' });
    const skus = await database.dataSource.query(`
      select p.external_id from order_line l join customer_order o on o.id = l.order_id join product p on p.id = l.product_id
      where o.external_id = 'A1' order by l.line_number`);
    expect(skus.flatMap(Object.values)).toEqual(Array.from({ length: 30 }, (_, i) => `S${60 - 2 * i}`));
  });

  it('makes stale what is known of customers who were there before, of buyers alone', async () => {
    const path = join(folder, 'known.csv');
    await writeFile(path, 'order,date,customer,sku,qty,price\nA1,2024-03-01,ann,S1,1,2.50\n');
    await database.dataSource.query('truncate customer, product, customer_order, order_line, purchase_day cascade');
    await database.dataSource.query(
      `insert into customer (source, external_id, facts_changed_at) values ('shop', 'ann', '2024-01-01Z'), ('shop', 'bob', '2024-01-01Z')`,
    );
    await importFile(database.dataSource, { path, mapping, source: 'shop', currency: 'EUR' });
    const changed = await database.dataSource.query(
      `select external_id from customer where facts_changed_at > '2024-01-01Z'`,
    );
    expect(changed).toEqual([{ external_id: 'ann' }]);
  });

  it('merges into orders that come by another way while it waits', async () => {
    const path = join(folder, 'late.csv');
    await writeFile(path, 'order,date,customer,sku,qty,price\nA1,2024-03-01,ann,S1,1,2.50\n');
    await database.dataSource.query('truncate customer, product, customer_order, order_line, purchase_day cascade');
    const orders = () => database.dataSource.query('select external_id, total from customer_order order by 1');
    let loading: Promise<ImportReport> | undefined;
    await database.dataSource.transaction(async (manager) => {
      await manager.query(
        `insert into customer_order (source, external_id, placed_at, currency, total) values
           ('shop', 'A1', '2024-03-01Z', 'EUR', 1), ('shop', 'B1', '2024-03-01Z', 'EUR', 3)`,
      );
      loading = importFile(database.dataSource, { path, mapping, source: 'shop', currency: 'EUR' });
      await untilLocked(database.dataSource);
    });
    expect((await loading)!.orders).toEqual({ created: 0, updated: 1, unchanged: 0 });
    expect(await orders()).toEqual([
      { external_id: 'A1', total: '2.5000' },
      { external_id: 'B1', total: '3.0000' },
    ]);
  });
});

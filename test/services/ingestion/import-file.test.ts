import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ImportMapping } from '../../../src/services/ingestion/import.types.js';
import { flat, header, useImports } from './imports.js';

const imports = useImports();
const { query, load } = imports;

describe('order lines', () => {
  const content = [
    header,
    'A1,2024-03-01 10:00,9223372036854775807,France,S1,Mug,2,4.50',
    'A1,2024-03-01 10:00,9223372036854775807,France,S1,Mug,2,4.50',
    'A1,2024-03-01 10:00,9223372036854775807,France,POST,Postage,1,3',
    'A2,2024-03-05,,Spain,S1,Mug blue,1,5',
    'C3,2024-03-09,9223372036854775807,Italy,S1,Mug,-1,4.50',
  ].join('\n');

  it('become customers, products, orders, lines and purchase days', async () => {
    const report = await load(content, flat);
    expect(report).toMatchObject({
      rowsRead: 5,
      rowsAccepted: 5,
      ordersWithoutCustomer: 1,
      customers: { created: 1, updated: 0, unchanged: 0 },
      products: { created: 2, updated: 0, unchanged: 0 },
      orders: { created: 3, updated: 0, unchanged: 0 },
      orderLines: { created: 5, updated: 0, unchanged: 0, removed: 0 },
    });
    expect(await query('select source, external_id, country from customer')).toEqual([
      // All 64 bits of the id, and the country of the latest order.
      { source: 'shop', external_id: '9223372036854775807', country: 'Italy' },
    ]);
    expect(await query('select external_id, name, merchandise from product order by 1')).toEqual([
      { external_id: 'POST', name: 'Postage', merchandise: false },
      { external_id: 'S1', name: 'Mug', merchandise: true },
    ]);
    expect(
      await query(
        `select external_id, customer_id, currency, total, item_count, placed_at from customer_order order by 1`,
      ),
    ).toEqual([
      {
        external_id: 'A1',
        customer_id: '1',
        currency: 'EUR',
        total: '21.0000',
        item_count: 5,
        placed_at: new Date('2024-03-01T10:00Z'),
      },
      {
        external_id: 'A2',
        customer_id: null,
        currency: 'EUR',
        total: '5.0000',
        item_count: 1,
        placed_at: new Date('2024-03-05T00:00Z'),
      },
      {
        external_id: 'C3',
        customer_id: '1',
        currency: 'EUR',
        total: '-4.5000',
        item_count: -1,
        placed_at: new Date('2024-03-09T00:00Z'),
      },
    ]);
    expect(
      await query(`
        select o.external_id as order, line_number, p.external_id as sku, quantity
        from order_line l join customer_order o on o.id = order_id join product p on p.id = product_id
        where o.external_id = 'A1' order by line_number`),
    ).toEqual([
      { order: 'A1', line_number: 1, sku: 'S1', quantity: 2 },
      { order: 'A1', line_number: 2, sku: 'S1', quantity: 2 },
      { order: 'A1', line_number: 3, sku: 'POST', quantity: 1 },
    ]);
    // The second copy of the line and the postage do not count.
    expect(await query('select day::text, net, items from purchase_day order by day')).toEqual([
      { day: '2024-03-01', net: '9.0000', items: 2 },
      { day: '2024-03-09', net: '-4.5000', items: 0 },
    ]);
  });

  it('come out the same from a first load, which bypasses the merge, and from a merge', async () => {
    const row = (i: number, order: string, customer: string) =>
      `${order},2024-0${1 + (i % 9)}-11 08:${10 + (i % 50)},${customer},${i % 7 ? 'Spain' : ''},S${i % 5},Mug ${i % 3},${(i % 4) - 1},${i % 6}.5`;
    const rows = Array.from({ length: 400 }, (_, i) => row(i, `A${Math.floor(i / 3)}`, `c${Math.floor(i / 3) % 40}`));
    // An order that goes on later, one of two customers, a quoted name, a row that is rejected.
    rows.splice(
      300,
      0,
      row(1, 'A5', 'c5'),
      row(2, 'A6', 'other'),
      'A7,2024-02-02,c7,Chile,S1,"a, b",1,2',
      'A8,x,,,,,,',
    );
    const stored = async () => [
      await query(`select external_id, country from customer where source = 'shop' order by 1`),
      await query(`select external_id, name, merchandise from product where source = 'shop' order by 1`),
      await query(`
        select o.external_id, c.external_id as customer, placed_at, total, item_count, line_number, p.external_id as sku,
          quantity, unit_price
        from customer_order o left join customer c on c.id = o.customer_id join order_line l on l.order_id = o.id
          left join product p on p.id = l.product_id
        where o.source = 'shop' order by 1, line_number`),
      await query(`
        select c.external_id, d.day, d.net, d.gross, d.returned, d.items, d.products, d.orders, s.spend, s.occasions
        from purchase_day d join customer c on c.id = d.customer_id join customer_summary s on s.customer_id = c.id
        where c.source = 'shop' order by 1, 2`),
    ];
    const keys = () =>
      query(`select conname, pg_get_constraintdef(oid) from pg_constraint where contype in ('p', 'f') order by 1, 2`);
    const indexes = () => query(`select indexdef from pg_indexes where schemaname = 'public' order by 1`);
    const schema = [await keys(), await indexes()];
    const content = [header, ...rows].join('\n');
    const first = await load(content, flat);
    const afterFirst = await stored();
    expect([await keys(), await indexes()]).toEqual(schema);

    await imports.database.dataSource.query(
      'truncate customer, product, customer_order, order_line, purchase_day cascade',
    );
    await load([header, 'Z1,2024-03-01,z,,Z,Zed,1,1'].join('\n'), flat, { source: 'another' });
    const merged = await load(content, flat);
    expect(await stored()).toEqual(afterFirst);
    const { customers, products, orders, orderLines, rejections } = merged;
    expect({ customers, products, orders, orderLines, rejections }).toEqual({
      customers: first.customers,
      products: first.products,
      orders: first.orders,
      orderLines: first.orderLines,
      rejections: first.rejections,
    });
    expect(first.rowsRejected).toBe(2);
  });

  it('given again change nothing, not even a row version', async () => {
    await load(content, flat);
    const versions = () =>
      query(`
        select 'customer' as t, xmin::text, id from customer union all select 'product', xmin::text, id from product
        union all select 'order', xmin::text, id from customer_order
        union all select 'line', xmin::text, id from order_line order by 1, 3`);
    const before = await versions();
    const again = await load(gzipSync(content), flat);
    expect(again).toMatchObject({
      customers: { created: 0, updated: 0, unchanged: 1 },
      products: { created: 0, updated: 0, unchanged: 2 },
      orders: { created: 0, updated: 0, unchanged: 3 },
      orderLines: { created: 0, updated: 0, unchanged: 5, removed: 0 },
    });
    expect(await versions()).toEqual(before);
  });

  it('given again with changes replace the orders that they are of, and refresh their customers only', async () => {
    await load(content, flat);
    await load([header, 'B1,2024-01-01,other,,S9,Cup,1,1'].join('\n'), flat);
    const facts = () =>
      query<{ id: string; at: string }>('select id, facts_changed_at::text as at from customer order by id');
    const [buyer, other] = await facts();
    const report = await load([header, 'A1,2024-03-01 10:00,9223372036854775807,,S1,Mug,3,4.50'].join('\n'), flat);
    expect(report).toMatchObject({
      customers: { created: 0, updated: 0, unchanged: 1 },
      orders: { created: 0, updated: 1, unchanged: 0 },
      orderLines: { created: 0, updated: 1, unchanged: 0, removed: 2 },
    });
    expect(await query(`select net from purchase_day where day = '2024-03-01'`)).toEqual([{ net: '13.5000' }]);
    const [buyerAfter, otherAfter] = await facts();
    expect(buyerAfter!.at > buyer!.at).toBe(true);
    expect(otherAfter).toEqual(other);
    // Of a line that stays what it was but for its price.
    await load([header, 'A1,2024-03-01 10:00,9223372036854775807,,S1,Mug,3,5'].join('\n'), flat);
    expect(await query(`select net from purchase_day where day = '2024-03-01'`)).toEqual([{ net: '15.0000' }]);
    // Or but for its product.
    const swapped = await load([header, 'A1,2024-03-01 10:00,9223372036854775807,,S9,Cup,3,5'].join('\n'), flat);
    expect(swapped.orders).toEqual({ created: 0, updated: 1, unchanged: 0 });
  });

  it('that move an order to another customer refresh both', async () => {
    await load([header, 'A1,2024-03-01,first,,S1,Mug,1,5'].join('\n'), flat);
    await load([header, 'A1,2024-03-01,second,,S1,Mug,1,5'].join('\n'), flat);
    expect(await query(`select external_id, net from purchase_day join customer on id = customer_id`)).toEqual([
      { external_id: 'second', net: '5.0000' },
    ]);
  });

  it('of one order that name several customers are those of the first who is named; others are rejected', async () => {
    const of = (customer: string) => `A,2024-01-01,${customer},UK,S1,Mug,1,5`;
    const report = await load([header, of(''), of('b'), of('c')].join('\n'), flat);
    expect(report).toMatchObject({ rowsAccepted: 2, rowsRejected: 1, ordersWithoutCustomer: 0 });
    expect(
      await query(
        'select c.external_id as customer, item_count from customer_order join customer c on c.id = customer_id',
      ),
    ).toEqual([{ customer: 'b', item_count: 2 }]);
  });

  it('of one order are of the first of their times, and a product has the name that most of its lines give', async () => {
    const of = (at: string, name: string) => `A,${at},c,,S1,${name},1,5`;
    const rows = [of('2024-03-02 00:01', 'Tea'), of('2024-03-01 23:59', 'A tea'), of('2024-03-02 00:02', 'Tea')];
    await load([header, ...rows].join('\n'), flat);
    expect(await query('select placed_at from customer_order')).toEqual([
      { placed_at: new Date('2024-03-01T23:59:00Z') },
    ]);
    expect(await query('select name from product')).toEqual([{ name: 'Tea' }]);
  });

  it.each([
    ['together', [0, 1, 2, 3]],
    ['apart', [0, 3, 2, 1]],
  ])('of one order, %s in the file, need its date in one of them; without any they are rejected', async (_, order) => {
    const lines = ['A1,,c1,,S1,Mug,1,4', 'A1,2024-03-01 10:00,,,S2,Cup,1,3', 'A2,,c2,,S1,Mug,1,4', 'A2,,,,S2,Cup,1,3'];
    const report = await load([header, ...order.map((i) => lines[i])].join('\n') + '\n', flat);
    expect(report).toMatchObject({ rowsAccepted: 2, rejections: { '"date" is empty in all lines of the order': 2 } });
    expect(await query('select external_id, placed_at, total from customer_order')).toEqual([
      { external_id: 'A1', placed_at: new Date('2024-03-01T10:00:00Z'), total: '7.0000' },
    ]);
    expect(await query('select count(*)::int as lines from order_line')).toEqual([{ lines: 2 }]);
    expect(await query('select external_id from customer')).toEqual([{ external_id: 'c1' }]);
  });

  it('of a product that turns out to be no merchandise no longer count for those who bought it', async () => {
    await load([header, 'A1,2024-03-01,c1,,GIFT,Voucher,1,50', 'A1,2024-03-01,c1,,S1,Mug,1,5'].join('\n'), flat);
    const products: ImportMapping = {
      kind: 'products',
      columns: { 'product.externalId': 'sku', 'product.merchandise': 'counts' },
    };
    const report = await load('sku,counts\nGIFT,no\n', products);
    expect(report.products).toEqual({ created: 0, updated: 1, unchanged: 0 });
    expect(await query('select net from purchase_day')).toEqual([{ net: '5.0000' }]);
  });

  it('of a product that is given another name make what is predicted of those who bought it stale', async () => {
    await load([header, 'A1,2024-03-01,c1,,S1,Mug,1,5', 'B1,2024-03-01,c2,,S2,Cup,1,5'].join('\n'), flat);
    const facts = () => query('select facts_changed_at::text as at from customer order by external_id');
    const [buyer, other] = await facts();
    await load('sku,name\nS1,Beaker\n', {
      kind: 'products',
      columns: { 'product.externalId': 'sku', 'product.name': 'name' },
    });
    const [buyerAfter, otherAfter] = await facts();
    expect(buyerAfter).not.toEqual(buyer);
    expect(otherAfter).toEqual(other);
  });
});

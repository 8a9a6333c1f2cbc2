import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importFile } from '../../../src/services/ingestion/import-file.js';
import type { ImportMapping } from '../../../src/services/ingestion/import.types.js';
import { createTestDatabase } from '../../support/database.js';
import { flat, header, useImports } from './imports.js';

const imports = useImports();
const { query, load } = imports;

describe('ids that mean none', () => {
  const orders: ImportMapping = {
    kind: 'orders',
    columns: {
      'order.externalId': 'order',
      'customer.externalId': 'customer',
      'customer.country': 'country',
      'order.placedAt': 'date',
      'order.total': 'total',
    },
  };
  const columns = 'order,customer,country,date,total';
  /** Of 1,000 customers, `guests` more by customer 0. */
  const orderRows = (guests: number) =>
    Array.from({ length: 1_000 + guests }, (_, i) => `${i},${i < 1_000 ? `c${i}` : 0},FR,2024-03-01,5`);

  it('are named by the mapping, and count in columns of ids only', async () => {
    const lines = [
      'A1,2024-03-01,0,0,NULL,NULL,2,4',
      'A2,2024-03-01,c1,"NULL",S1,Mug,1,4',
      '0,2024-03-01,c1,FR,S1,Mug,1,4',
      'A3,2024-03-01,"\\N",FR,"0",Mug,1,4',
    ];
    const report = await load([header, ...lines].join('\n'), { ...flat, emptyValues: ['0', 'NULL', '\\N'] });
    expect(report).toMatchObject({ ordersWithoutCustomer: 2, rejections: { '"order" is empty': 1 } });
    expect(await query('select external_id, country from customer')).toEqual([{ external_id: 'c1', country: 'NULL' }]);
    expect(await query('select external_id from product')).toEqual([{ external_id: 'S1' }]);
  });

  it('are suspected where one customer has a hundredth of the orders', async () => {
    const suspect = async (rows: string[]) =>
      (await load([columns, ...rows].join('\n'), orders, { source: String(rows.length) })).placeholderCustomer;
    expect(await suspect(orderRows(100))).toEqual({ externalId: '0', orders: 100, ofOrders: 1_100 });
    expect(await suspect(orderRows(9))).toBe(null);
    expect(await suspect(orderRows(100).slice(500))).toBe(null);
    // Ten customers only: each has a tenth.
    expect(await suspect(orderRows(1_000).map((row) => row.replace(/,c?\d*(\d),/, ',c$1,')))).toBe(null);
    // Keen buyers, the keenest of whom has 40 of 1,860 orders, and two placeholders beside each other.
    const others = Array.from({ length: 1_000 }, () => 1);
    const withCounts = (...counts: number[]) =>
      counts.flatMap((count, customer) =>
        Array.from({ length: count }, (_, i) => `${customer}-${i},c${customer},FR,2024-03-01,5`),
      );
    expect(await suspect(withCounts(...Array.from({ length: 41 }, (_, i) => i), ...others))).toBe(null);
    expect(await suspect(withCounts(300, 200, ...others))).toEqual({ externalId: 'c0', orders: 300, ofOrders: 1_500 });
    const named = await load([columns, ...orderRows(100)].join('\n'), { ...orders, emptyValues: ['0'] });
    expect(named).toMatchObject({ placeholderCustomer: null, ordersWithoutCustomer: 100 });
  });

  it.each(['NULL', 'nan', '\\N', 'None'])(
    'are suspected where they are words for nothing, however few orders have them: %s',
    async (word) => {
      const rows = ['1,c1,FR,2024-03-01,5', `2,${word},FR,2024-03-01,5`, '3,Nina,FR,2024-03-01,5'];
      expect(await load([columns, ...rows].join('\n'), orders)).toMatchObject({
        placeholderCustomer: { externalId: word, orders: 1, ofOrders: 3 },
      });
    },
  );

  it('are such words in a database whose language has an i without a dot, too', async () => {
    await using turkish = await createTestDatabase(`template0 encoding 'UTF8' locale_provider icu icu_locale 'tr'`);
    await turkish.dataSource.runMigrations();
    const path = join(imports.folder, 'orders.csv');
    await writeFile(path, [columns, '1,c1,FR,2024-03-01,5', '2,NIL,FR,2024-03-01,5'].join('\n'));
    const report = await importFile(turkish.dataSource, { path, mapping: orders, source: 'shop', currency: 'TRY' });
    expect(report.placeholderCustomer).toEqual({ externalId: 'NIL', orders: 1, ofOrders: 2 });
  });

  it('are not numbers as pandas writes them, which are suspected, too', async () => {
    const decimalId = async (...ids: string[]) =>
      (await load([columns, ...ids.map((id, i) => `${i},${id},FR,2024-03-01,5`)].join('\n'), orders)).decimalId;
    expect(await decimalId('13085', '1.10', 'v2.0', '0.0', '007.0')).toBe(null);
    expect(await decimalId('13085', '13086.0')).toBe('13086.0');
  });
});

describe('ids in lower case', () => {
  it('are those that the mapping names, also among rows that need no more than the fast path', async () => {
    const lines = ['A1,2024-03-01,Ann@Shop.example,FR,S1,Mug,1,4', 'A2,2024-03-02,ann@shop.example,FR,s1,Mug,1,4'];
    await load([header, ...lines].join('\n'), { ...flat, lowerCase: ['customer.externalId'] });
    expect(await query('select external_id from customer')).toEqual([{ external_id: 'ann@shop.example' }]);
    expect(await query('select external_id from product order by 1')).toHaveLength(2);
  });
});

describe('rows that the mapping leaves out', () => {
  it('are those with other values; an empty field of an order’s further lines is that of the line above', async () => {
    const lines = [
      'A1,2024-03-01,c1,FR,S1,Mug,2,4,paid,',
      'A1,2024-03-01,,,S2,Cup,1,3,,',
      'A2,2024-03-01,c2,FR,S1,Mug,1,4,voided,',
      'A2,2024-03-01,,,S2,Cup,1,3,,',
      'A3,2024-03-01,c3,FR,S1,Mug,1,4,,',
      'A4,2024-03-01,c4,FR,S1,Mug,1,4, partially_refunded ,',
      'A5,2024-03-01,c5,FR,S1,Mug,1,4,paid,2024-03-02',
      'A5,2024-03-01,,,S2,Cup,1,3,,',
      'A6,someday,c6,FR,S1,Mug,1,4,paid,',
      'A7,someday,c7,FR,S1,Mug,1,4,voided,',
      'A8,"2024-03-01',
    ];
    const mapping: ImportMapping = { ...flat, only: { Status: ['paid', 'partially_refunded'], cancelled: [''] } };
    const report = await load([`${header},status,Cancelled`, ...lines].join('\n'), mapping);
    expect(report).toMatchObject({ rowsRead: 11, rowsAccepted: 3, rowsRejected: 2, rowsLeftOut: 6 });
    expect(await query('select external_id, total from customer_order order by 1')).toEqual([
      { external_id: 'A1', total: '11.0000' },
      { external_id: 'A4', total: '4.0000' },
    ]);
  });

  it('are none of the lines that say nothing of their order: these are rejected, not left out unseen', async () => {
    const lines = ['A1,2024-03-01,c1,FR,S1,Mug,2,4,paid', ',,,,S2,Cup,1,3,', ',,,,S2,Cup,1,3,voided'];
    const report = await load([`${header},status`, ...lines].join('\n'), { ...flat, only: { status: ['paid'] } });
    expect(report).toMatchObject({ rowsAccepted: 1, rowsLeftOut: 1, rejections: { '"order" is empty': 1 } });
  });

  it('are of orders one by one, and a column that is not there is named', async () => {
    const orders: ImportMapping = {
      kind: 'orders',
      columns: { 'order.externalId': 'o', 'order.placedAt': 'd', 'order.total': 't' },
      only: { state: ['complete'] },
    };
    const report = await load('o,d,t,state\n1,2024-01-01,5,complete\n1,2024-01-01,6,\n', orders);
    expect(report).toMatchObject({ rowsAccepted: 1, rowsLeftOut: 1 });
    await expect(load('o,d,t\n1,2024-01-01,5\n', orders)).rejects.toThrow('the header lacks "state" (for only)');
  });

  it('leave what was loaded; an order is taken back by a total of 0, or by a line without a quantity', async () => {
    const orders: ImportMapping = {
      kind: 'orders',
      columns: { 'order.externalId': 'o', 'customer.externalId': 'c', 'order.placedAt': 'd', 'order.total': 't' },
    };
    await load('o,c,d,t\n1,a,2024-01-01,5\n2,a,2024-02-01,5\n', orders);
    await load(`${header}\nA1,2024-03-01,a,,S1,Mug,2,4\nA1,2024-03-01,a,,S2,Cup,1,4\n`, flat);
    const spent = () => query(`select day::text, net, orders from purchase_day order by day`);
    expect(await spent()).toHaveLength(3);
    await load('o,c,d,t\n1,a,2024-01-01,0\n', orders);
    await load(`${header}\nA1,2024-03-01,a,,,,0,0\n`, flat);
    expect(await spent()).toEqual([{ day: '2024-02-01', net: '5.0000', orders: 1 }]);
    expect(await query('select count(*)::int as lines from order_line')).toEqual([{ lines: 1 }]);
  });
});

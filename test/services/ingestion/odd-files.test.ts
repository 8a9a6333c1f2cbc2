import { existsSync, lstatSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDataSource } from '../../../src/database/data-source.js';
import { importFile } from '../../../src/services/ingestion/import-file.js';
import type { ImportMapping } from '../../../src/services/ingestion/import.types.js';
import { lines, orders, useImports } from './imports.js';

const header = 'order,date,customer,sku,qty,price';
const described: ImportMapping = {
  ...lines,
  columns: {
    ...lines.columns,
    'product.name': 'name',
    'product.category': 'category',
    'product.merchandise': 'merchandise',
  },
};

describe('files that are unusual', () => {
  const imports = useImports();
  const { database, query, load } = imports;

  it('all rows are read where lines end in a lone \\r, be it the header’s only, and in any encoding', async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => `${i},2024-01-01,c${i % 50},s,1,2`);
    expect(await load([header, ...rows, ''].join('\r'), lines)).toMatchObject({ rowsRead: 20_000, rowsRejected: 0 });
    const again = await load(`${header}\r${rows.slice(0, 3).join('\n')}\n`, lines);
    expect(again).toMatchObject({ rowsRead: 3, orders: { unchanged: 3 } });
    const customers: ImportMapping = {
      kind: 'customers',
      columns: { 'customer.externalId': 'id', 'customer.country': 'land' },
    };
    const cities = Buffer.concat([Buffer.from('id,land\r1,Köln\r'), Buffer.from('2,München\r', 'latin1')]);
    expect(await load(cities, customers, { source: 'cities' })).toMatchObject({ linesInWindows1252: 1 });
    expect(await query(`select country from customer where source = 'cities' order by external_id`)).toEqual([
      { country: 'Köln' },
      { country: 'München' },
    ]);
  });

  it.each([
    ['titles', ['Sales 2024;;', '"by order", all shops', '', 'Order;Date;Customer;Sku;Qty;Price']],
    ['sep=;', ['sep=;', 'order;date;customer;sku;qty;price']],
  ])('what stands above the header is skipped: %s', async (_, above) => {
    const content = [...above, 'A;2024-01-01;c;s;1;2', 'B;yesterday;c;s;1;2', 'Total;;;;;4'].join('\r\n');
    const rejectionsPath = join(imports.folder, 'rejected.csv');
    expect(await load(content, lines, { rejectionsPath })).toMatchObject({ rowsRead: 3, rowsAccepted: 1 });
    const rejected = readFileSync(rejectionsPath, 'utf8').split('\n').slice(1, -1);
    expect(rejected.map((row) => Number(row.split(',')[1]))).toEqual([above.length + 2, above.length + 3]);
    const selected = { ...lines, only: { state: ['paid'] } };
    const withState = [...above.slice(0, -1), `${above.at(-1)!};State`, 'C;2024-01-01;c;s;1;2;paid'].join('\n');
    expect(await load(withState, selected)).toMatchObject({ rowsAccepted: 1 });
  });

  it.each<[string, string, ImportMapping]>([
    [
      'customers',
      'Id , Land',
      { kind: 'customers', columns: { 'customer.externalId': 'id', 'customer.country': 'land' } },
    ],
    ['products', 'Id;"Name"', { kind: 'products', columns: { 'product.externalId': 'id', 'product.name': 'name' } }],
    [
      'customers with attributes',
      'id,plan',
      { kind: 'customers', columns: { 'customer.externalId': 'id', 'customer.attributes.plan': 'plan' } },
    ],
  ])('headers of joined files make no record: %s', async (_, titles, mapping) => {
    const part = (id: string) => `${titles}\n${id}${titles.includes(';') ? ';' : ','}x\n`;
    const report = await load(part('1') + part('2') + part('Id'), mapping);
    expect(report).toMatchObject({ rowsRead: 5, rowsAccepted: 3 });
    expect(report.rejections).toEqual({ 'is the header line once more': 2 });
  });

  it('a byte order mark does not vouch for every line', async () => {
    const bytes = Buffer.concat([Buffer.from('\uFEFFid,land\n1,Köln\n'), Buffer.from('2,München\n', 'latin1')]);
    const mapping: ImportMapping = {
      kind: 'customers',
      columns: { 'customer.externalId': 'id', 'customer.country': 'land' },
    };
    expect(await load(bytes, mapping)).toMatchObject({ rowsRead: 2, linesInWindows1252: 1 });
    expect(await query('select country from customer order by external_id')).toEqual([
      { country: 'Köln' },
      { country: 'München' },
    ]);
  });

  it('what lines without a product’s name tell of it counts, in one file as in two', async () => {
    const columns = `${header},name,category,merchandise`;
    // Most of its lines.
    const rows = ['A,2024-01-01,c,s,1,2,Tea,,', 'B,2024-01-02,c,s,1,2,,Drinks,no', 'C,2024-01-03,c,s,1,2,,,'];
    const products = () => query('select name, category, merchandise from product');
    await load([columns, ...rows].join('\n'), described);
    expect(await products()).toEqual([{ name: 'Tea', category: 'Drinks', merchandise: false }]);
    expect(await query('select * from purchase_day')).toEqual([]);
    await query('truncate customer, product, customer_order, order_line, purchase_day restart identity cascade');
    for (const row of rows) await load([columns, row].join('\n'), described);
    expect(await products()).toEqual([{ name: 'Tea', category: 'Drinks', merchandise: false }]);
  });

  it('the country of a customer is that of the latest order that names one', async () => {
    const columns = { ...orders.columns, 'customer.country': 'country' };
    const rows = ['A,2024-01-01,c,5,FR', 'B,2024-01-02,c,5,DE', 'C,2024-01-03,c,5,'];
    await load(['id,date,customer,total,country', ...rows].join('\n'), { ...orders, columns });
    expect(await query('select country from customer')).toEqual([{ country: 'DE' }]);
  });

  it('an id or a category that no index takes is rejected by itself, with the column’s name', async () => {
    const long = Array.from({ length: 4_000 }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7919) % 9_000))).join('');
    const content = [
      `${header},name,category,merchandise`,
      `${long},2024-01-01,c,s,1,2,,,`,
      `B,2024-01-01,${long},s,1,2,,,`,
      `C,2024-01-01,c,${long},1,2,,,`,
      `D,2024-01-01,c,s,1,2,,${long},`,
      `E,2024-01-01,c,s,1,2,,,`,
    ].join('\n');
    expect(await load(content, described)).toMatchObject({
      rowsAccepted: 1,
      rejections: Object.fromEntries(
        ['order', 'customer', 'sku', 'category'].map((column) => [`"${column}" is longer than 500 characters`, 1]),
      ),
    });
  });

  it('amounts are bounded where quantity or price is the same for every row, and pieces of a day, too', async () => {
    const { 'line.quantity': _quantity, ...columns } = lines.columns!;
    const mapping: ImportMapping = { ...lines, columns, constants: { 'line.quantity': '1000000' } };
    const content = 'order,date,customer,sku,price\nA,2024-01-01,c,s,9000000000\nB,2024-01-01,c,s,2\n';
    expect(await load(content, mapping)).toMatchObject({
      rowsAccepted: 1,
      rejections: { '"price" makes an amount that is not between -10,000,000,000 and 10,000,000,000': 1 },
    });
    const many = Array.from({ length: 2_200 }, (_, i) => `Z,2024-01-02,many,s,1000000,${1 + i / 10_000}`);
    expect(await load([header, ...many].join('\n'), lines)).toMatchObject({ rowsAccepted: 2_200 });
    expect(await query(`select items from purchase_day where day = '2024-01-02'`)).toEqual([{ items: 2_147_483_647 }]);
  });

  it('a code can be named as no merchandise in other case and with a backslash, but not in part', async () => {
    const rows = ['a\\b', 'Post', 'Poster'].map((code) => `A,2024-01-01,c,${code},1,2\n`).join('');
    await load(`${header}\n${rows}`, { ...lines, nonMerchandise: ['a\\b', 'POST'] });
    expect(await query('select external_id, merchandise from product order by external_id collate "C"')).toEqual([
      { external_id: 'Post', merchandise: false },
      { external_id: 'Poster', merchandise: true },
      { external_id: 'a\\b', merchandise: false },
    ]);
  });

  it('events without ids are the same whatever the server’s time zone', async () => {
    const mapping: ImportMapping = {
      kind: 'events',
      columns: { 'customer.externalId': 'who', 'event.occurredAt': 'at' },
      constants: { 'event.type': 'BROWSE' },
    };
    const content = 'who,at\nc,2024-01-01 10:00\nc,2024-01-01 11:00\n';
    await load(content, mapping);
    const [{ name }] = (await query('select current_database() as name')) as [{ name: string }];
    await query(`alter database "${name}" set timezone = 'America/New_York'`);
    const fresh = await createDataSource({ url: database.url, poolSize: 1 }).initialize();
    const path = join(imports.folder, 'data.csv');
    const again = await importFile(fresh, { path, mapping, source: 'shop', currency: 'EUR' });
    await fresh.destroy();
    expect(again).toMatchObject({ events: { created: 0, unchanged: 2 } });
  });

  it('what is rejected is no formula, and nobody else’s to read', async () => {
    const rejectionsPath = join(imports.folder, 'rejected.csv');
    const rows = ['=1+2', '@x', '-5+cmd', 'x;=1', '-5'].map((date) => `A,${date},c,s,1,2`).join('\n');
    await load(`${header}\n${rows}\n`, lines, { rejectionsPath });
    const values = readFileSync(rejectionsPath, 'utf8').match(/(?<=,date,)[^,]*/g);
    expect(values).toEqual(["'=1+2", "'@x", "'-5+cmd", "x;'=1", '-5']);
    expect(statSync(rejectionsPath).mode & 0o077).toBe(0);
  });

  it.runIf(existsSync('/dev/full'))('without room for the list of what is rejected, nothing is imported', async () => {
    for (const rejected of [1, 20_000]) {
      const rows = Array.from({ length: rejected }, (_, i) => `B${i},yesterday,c,s,1,2`).join('\n');
      const content = `${header}\nfull,2024-01-01,c,s,1,2\n${rows}\n`;
      await expect(load(content, lines, { rejectionsPath: '/dev/full' })).rejects.toMatchObject({
        code: 'IMPORT_INVALID',
        message: expect.stringMatching(/list of rejected rows cannot be written: ENOSPC.*Nothing was imported/),
      });
    }
    const found = await query(`select 1 from customer_order where external_id = 'full'`);
    expect(found).toEqual([]);
  });

  it('a customer’s name is bounded', async () => {
    const mapping: ImportMapping = {
      kind: 'customers',
      columns: { 'customer.externalId': 'id', 'customer.name': 'name' },
    };
    const content = `id,name\n1,${'x'.repeat(1_001)}\n2,${'x'.repeat(1_000)}\n`;
    expect(await load(content, mapping)).toMatchObject({
      rowsAccepted: 1,
      rejections: { '"name" is longer than 1000 characters': 1 },
    });
  });

  it('attributes are taken without their NUL characters, which no JSON of Postgres takes', async () => {
    const columns = {
      'customer.externalId': 'id',
      'customer.attributes.club': 'club',
      'customer.attributes.city': 'city',
    };
    await load('id,club,city\nc,go\0ld,\0\n', { kind: 'customers', columns });
    expect(await query('select attributes from customer')).toEqual([{ attributes: { club: 'gold' } }]);
  });

  it('thousands are told by points where decimals have commas', async () => {
    const content = `${header.replaceAll(',', ';')}\nA;2024-01-01;c;s;1;1.234\nA;2024-01-01;c;t;1;2,5\n`;
    await load(content, { ...lines, decimalComma: true });
    expect(await query('select unit_price from order_line order by line_number')).toEqual([
      { unit_price: '1234.0000' },
      { unit_price: '2.5000' },
    ]);
  });

  it('what a product is called and what was written are bounded, as are all attributes together', async () => {
    const mapping: ImportMapping = {
      kind: 'events',
      columns: {
        'customer.externalId': 'customer',
        'event.type': 'type',
        'event.occurredAt': 'at',
        'event.text': 'text',
        'event.attributes.a': 'a',
        'event.attributes.b': 'b',
      },
    };
    const row = (text: number, attribute: number) =>
      `bounded,SEARCH,2024-01-01,${'t'.repeat(text)},${'a'.repeat(attribute)},${'b'.repeat(attribute)}`;
    const content = ['customer,type,at,text,a,b', row(100_001, 1), row(1, 10_000), row(100_000, 9_900)].join('\n');
    expect(await load(content, mapping)).toMatchObject({
      rowsAccepted: 1,
      rejections: {
        '"text" is longer than 100000 characters': 1,
        '"a" belongs to attributes that are longer than 20000 characters together': 1,
      },
    });
    const named = `${header},name,category,merchandise\nF,2024-01-01,c,s,1,2,${'x'.repeat(1_001)},,\n`;
    expect(await load(named, described)).toMatchObject({ rejections: { '"name" is longer than 1000 characters': 1 } });
  });

  it('a load that rejects nothing leaves no list of an earlier one', async () => {
    const rejectionsPath = join(imports.folder, 'rejected.csv');
    await load(`${header}\nA,yesterday,c,s,1,2\nB,2024-01-01,c,s,1,2\n`, lines, { rejectionsPath });
    expect(existsSync(rejectionsPath)).toBe(true);
    await load(`${header}\nA,2024-01-01,c,s,1,2\n`, lines, { rejectionsPath });
    expect(existsSync(rejectionsPath)).toBe(false);
  });

  it.each(['data.csv', 'notes.txt'])(
    'the list of what is rejected replaces and removes no other file: %s',
    async (name) => {
      const rejectionsPath = join(imports.folder, name);
      writeFileSync(join(imports.folder, 'notes.txt'), 'mine');
      for (const date of ['2024-01-01', 'yesterday']) {
        const content = `${header}\nA,${date},c,s,1,2\n`;
        await expect(load(content, lines, { rejectionsPath })).rejects.toMatchObject({
          code: 'IMPORT_INVALID',
          message: expect.stringContaining(`would replace ${rejectionsPath}, which is another file`),
        });
        expect(readFileSync(rejectionsPath, 'utf8')).toBe(name === 'data.csv' ? content : 'mine');
      }
    },
  );

  it('a load that rejects nothing removes no link and no device', async () => {
    const rejectionsPath = join(imports.folder, 'nowhere');
    symlinkSync('/dev/null', rejectionsPath);
    await load(`${header}\nA,2024-01-01,c,s,1,2\n`, lines, { rejectionsPath });
    expect(lstatSync(rejectionsPath).isSymbolicLink()).toBe(true);
  });
});

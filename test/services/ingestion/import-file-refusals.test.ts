import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { importFile } from '../../../src/services/ingestion/import-file.js';
import type { ImportMapping } from '../../../src/services/ingestion/import.types.js';
import { flat, header, useImports } from './imports.js';

const imports = useImports();
const { query, load } = imports;

const notIso =
  'is not a date such as 2026-07-31 or 2026-07-31 14:05:09.25, a time with or without Z, UTC, +02, +0200 or +02:00 ' +
  '(--date-format dmy reads 31.07.2026 or 31-Jul-26, mdy 07/31/2026 or Jul 31, 2026, epoch 1785506709)';

describe('a file whose dates are of another format', () => {
  const visits: ImportMapping = {
    kind: 'events',
    columns: { 'customer.externalId': 'who', 'event.occurredAt': 'at' },
    constants: { 'event.type': 'BROWSE' },
  };
  const file = (...days: string[]) => ['who,at', ...days.map((day) => `c1,${day}/2024`), ''].join('\n');

  it('is refused, since days up to the 12th would be read as months', async () => {
    const days = ['03/04', '17/04', '25/04', '31/05', '02/06'];
    await expect(load(file(...days), { ...visits, dateFormat: 'mdy' })).rejects.toMatchObject({
      code: 'IMPORT_INVALID',
      message: expect.stringContaining(
        'are those of --date-format dmy, not mdy: 3 rows fit only dmy, and of the other 2, days up to the 12th would be read as months. Nothing was imported.',
      ) as unknown,
    });
    expect(await query('select id from customer')).toEqual([]);
    const report = await load(file(...days), { ...visits, dateFormat: 'dmy' });
    expect(report.events).toEqual({ created: 5, updated: 0, unchanged: 0 });
  });

  it('is loaded where most fit', async () => {
    const report = await load(file('04/03', '04/17', '31/05'), { ...visits, dateFormat: 'mdy' });
    expect(report).toMatchObject({ rowsAccepted: 2, rowsRejected: 1 });
  });
});

describe('a file of months whose year has two digits', () => {
  const gifts: ImportMapping = {
    kind: 'orders',
    columns: { 'order.placedAt': 'month', 'customer.externalId': 'donor', 'order.total': 'amount' },
  };
  const file = (...months: string[]) =>
    ['month,donor,amount', ...months.map((month) => `${month},d1,5`), ''].join('\n');

  it('is refused, since those of 2020 would be read as years', async () => {
    await expect(load(file('1912', '2001', '2002', '2103', '2211'), gifts)).rejects.toMatchObject({
      code: 'IMPORT_INVALID',
      message: expect.stringContaining(
        'seem to be months whose year has two digits, such as 9504 for April 1995: 3 rows can be nothing else, and the other 2 would be ' +
          'read as years. Write them as 1995-04. Nothing was imported.',
      ) as unknown,
    });
    expect(await query('select id from customer')).toEqual([]);
  });

  it('is loaded where most are years', async () => {
    expect(await load(file('2001', '2001', '2002', '0199', '0112'), gifts)).toMatchObject({
      rowsAccepted: 3,
      rowsRejected: 2,
    });
    const days = await query(
      `select to_char(placed_at at time zone 'UTC', 'YYYY-MM-DD') as day from customer_order order by 1`,
    );
    expect(days).toEqual([{ day: '2001-12-31' }, { day: '2001-12-31' }, { day: '2002-12-31' }]);
  });
});

describe('rejected rows', () => {
  const rejectionsPath = () => join(imports.folder, 'rejected.csv');

  it('are listed with their line, column, value and reason, and stop nothing', async () => {
    const content = Buffer.concat([
      Buffer.from(
        [
          `\uFEFF${header}`,
          'A1,2024-03-01,c1,France,S1,"Mug\r\nwith ""handle""",2,4.50',
          'A2,yesterday,c1,France,S1,Mug,2,4.50',
          'A3,2024-03-01,c1,France,S1,"Mug\r\n\r\nred",two,4.50',
          ',2024-03-01,c1,France,S1,Mug,2,4.50',
          'A5,2024-03-01,c1,France,S1,Mug,2',
          'A6,2024-03-01,c1,France,S1,"Mug"blue,2,4.50',
          'A7,2024-03-01,c1,France,S1,Mug\0,2,4.50',
          'A1,2024-03-01,c2,France,S1,Mug,1,4.50',
        ].join('\r\n') + '\r\n',
      ),
      Buffer.from('A8,2024-03-02,c3,Perú,S2,Café,1,1\r\n', 'latin1'),
    ]);
    const report = await load(content, { ...flat, encoding: 'auto' }, { rejectionsPath: rejectionsPath() });
    expect(report).toMatchObject({ rowsRead: 9, rowsAccepted: 2, rowsRejected: 7 });
    expect((await readFile(rejectionsPath(), 'utf8')).split('\n')).toEqual([
      'file,line,column,value,reason',
      `data.csv,4,date,yesterday,"${notIso}"`,
      'data.csv,5,qty,two,is not a whole number',
      'data.csv,8,order,,is empty',
      'data.csv,9,,7 columns instead of 8,has another number of columns than the header',
      `data.csv,10,,"A6,2024-03-01,c1,France,S1,""Mug""blue,2,4.50","has a quote that is not closed, or text behind one"`,
      'data.csv,11,name,Mug\0,holds a NUL character',
      `data.csv,12,customer,c2,is another customer than that of the order's first line`,
      '',
    ]);
    expect(await query('select external_id, total from customer_order order by 1')).toEqual([
      { external_id: 'A1', total: '9.0000' },
      { external_id: 'A8', total: '1.0000' },
    ]);
  });

  it('make no list where there are none, and are counted where none is wanted', async () => {
    await load(`${header}\nA1,2024-03-01,c1,,S1,Mug,1,1`, flat, { rejectionsPath: rejectionsPath() });
    expect(existsSync(rejectionsPath())).toBe(false);
    const report = await load(`${header}\nA1,x,c1,,S1,Mug,1,1\nA1,y,c1,,S1,Mug,1,1`, flat);
    expect(report.rejections).toEqual({
      [`"date" ${notIso}`]: 2,
    });
  });

  it('keep text of Latin-1 whole', async () => {
    const report = await load(Buffer.from(`${header}\nA8,2024-03-02,c3,Perú,S2,Café,1,1\n`, 'latin1'), flat);
    expect(report.linesInWindows1252).toBe(1);
    expect(await query('select country from customer')).toEqual([{ country: 'Perú' }]);
    expect(await query('select name from product')).toEqual([{ name: 'Café' }]);
  });
});

describe('a load that cannot be', () => {
  it.each<[string, string | Buffer, RegExp]>([
    ['an empty file', '', /is empty/],
    ['an old workbook of Excel', Buffer.from('d0cf11e0a1b11ae1', 'hex'), /is an Excel file: save its table as CSV/],
    ['a page that calls itself one', '<html><body><table>\n', /is HTML or XML: open it in a spreadsheet/],
    ['a Parquet file', 'PAR1\n1,2', /is a Parquet file: write its table as CSV, in DuckDB by copy/],
    ['a workbook of Excel', Buffer.from('PK\u0003\u0004\n1,2'), /is an Excel or a ZIP file: save its table as CSV/],
    [
      'JSON lines',
      '{"order":"A1","date":"2024-03-01"}\n',
      /is JSON: write its records as a CSV table with a header line/,
    ],
    ['JSON lines with spaces', '{"order": "A1", "date": "2024-03-01"}\n', /is JSON/],
    ['an array in JSON', '[\n  {"order": "A1"}\n]\n', /is JSON/],
    [
      'a file without a header',
      'A1,2024-03-01\n',
      /"A1", "2024-03-01"\. Map .*; if they are values, put a header line/,
    ],
    ['columns separated by a tilde', 'order~date\nA1~2024-03-01\n', /It has: "order~date"\. .* with --delimiter/],
    ['a header with a stray quote', 'order,"date" x,qty\n', /: the header line has a quote that is not closed/],
    ['a header without the columns', 'x,y\n1,2\n', /the header lacks "order" \(for order\.externalId\)/],
    ['Cyrillic letters', Buffer.from('c7e0eae0e73bc4e0f2e00a', 'hex'), /If letters look wrong, .* with --encoding\./],
    ['a report with a wrong name', `Report\n${header}s\nA1\n`, /lacks "price" \(.*It has: "order", .*, "prices"\./],
    [
      'a truncated gzip file',
      gzipSync(`${header}\n${'A1,2024-03-01,c1,,S1,Mug,1,1\n'.repeat(5)}`).subarray(0, 60),
      /gzip/,
    ],
  ])('%s is refused, and nothing is written', async (_, content, message) => {
    await expect(load(content, flat)).rejects.toMatchObject({
      code: 'IMPORT_INVALID',
      message: expect.stringMatching(message),
    });
    expect(await query('select count(*)::int as n from customer')).toEqual([{ n: 0 }]);
  });

  it('a missing file is named', async () => {
    const options = { path: join(imports.folder, 'none.csv'), mapping: flat, source: 'shop', currency: 'EUR' };
    await expect(importFile(imports.database.dataSource, options)).rejects.toMatchObject({
      code: 'IMPORT_INVALID',
      message: expect.stringContaining('none.csv'),
    });
  });

  it('standard input and a pipe are named, and not waited for; a folder is, too', async () => {
    const pipe = join(imports.folder, 'pipe.csv');
    execFileSync('mkfifo', [pipe]);
    for (const path of ['-', pipe, imports.folder]) {
      const options = { path, mapping: flat, source: 'shop', currency: 'EUR' };
      const what = path === '-' ? 'Standard input' : path;
      await expect(importFile(imports.database.dataSource, options)).rejects.toMatchObject({
        code: 'IMPORT_INVALID',
        message: expect.stringMatching(`^${what} is not a file. Write the table to disk first, gzipped or not`),
      });
    }
  });

  it('is cancelled by an abort, and the connection is fit for the next', async () => {
    const abort = new AbortController();
    const rows = Array.from({ length: 20_000 }, (_, i) => `O${i},2024-03-01,c${i % 500},,S${i % 50},Mug,1,1`);
    const progress = {
      report: (phase: string) => {
        if (phase === 'merging orders') abort.abort();
      },
    };
    await expect(load([header, ...rows].join('\n'), flat, { signal: abort.signal, progress })).rejects.toMatchObject({
      code: 'RUN_CANCELLED',
    });
    expect(await query('select count(*)::int as n from customer')).toEqual([{ n: 0 }]);
    const report = await load(`${header}\nA1,2024-03-01,c1,,S1,Mug,1,1`, flat);
    expect(report.orders.created).toBe(1);
  });

  it('tells its progress from 0 to 1, never backwards', async () => {
    const fractions: number[] = [];
    await load(`${header}\nA1,2024-03-01,c1,,S1,Mug,1,1`, flat, {
      progress: { report: (_, fraction) => void fractions.push(fraction) },
    });
    expect(fractions.at(-1)).toBe(1);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  });
});

describe('a file is not loaded that gives more attributes than are kept to', () => {
  const named = (from: number) => Array.from({ length: 600 }, (_, i) => `a${from + i}`);
  const attributesOf = (record: string, names: string[]) =>
    Object.fromEntries(names.map((name) => [`${record}.attributes.${name}`, name]));

  it('a customer', async () => {
    const loadOf = (names: string[]) =>
      load(`id,${names.join()}\nc1,${names.map(() => 1).join()}\nc2,${names.map(() => '').join()}\n`, {
        kind: 'customers',
        columns: { 'customer.externalId': 'id', ...attributesOf('customer', names) },
      });
    await loadOf(named(0));
    await expect(loadOf(named(600))).rejects.toMatchObject({
      code: 'IMPORT_INVALID',
      message: expect.stringMatching(
        /^The attributes of customer "c1" of source "shop" would be 1,200 of [\d,]+ bytes, together .* Nothing was imported\. .*: upsertCustomers with null for each\.$/,
      ),
    });
    expect(await query(`select count(*)::int as n from customer, jsonb_object_keys(attributes)`)).toEqual([{ n: 600 }]);
  });

  it('an event', async () => {
    const loadOf = (names: string[], events: string[]) => {
      const rows = events.map((id) => `${id},${id},CLICK,2026-03-01T08:15:00Z,${names.map(() => 1).join()}`);
      return load([`id,customer,type,at,${names.join()}`, ...rows, ''].join('\n'), {
        kind: 'events',
        columns: {
          'event.externalId': 'id',
          'customer.externalId': 'customer',
          'event.type': 'type',
          'event.occurredAt': 'at',
          ...attributesOf('event', names),
        },
      });
    };
    await loadOf(named(0), ['e1', 'e2']);
    await expect(loadOf(named(600), ['e1', 'e2', 'e3'])).rejects.toMatchObject({
      code: 'IMPORT_INVALID',
      message: expect.stringMatching(
        /^The attributes of event "e\d" of 2026-03-01T08:15:00\.000Z and source "shop" would be 1,200 of [\d,]+ bytes, together .* 1 more would have too many\. Nothing was imported\. .*: recordEvents with null for each\.$/,
      ),
    });
    expect(await query(`select count(*)::int as n from behavior_event, jsonb_object_keys(attributes)`)).toEqual([
      { n: 1_200 },
    ]);
    expect(await query(`select count(*)::int as n from customer`)).toEqual([{ n: 2 }]);
  });
});

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { BenchServer } from '../../../bench/bench-server.js';
import { fullDatabase, importDataSet } from '../../../bench/quality/folds.js';
import { protocols } from '../../../bench/quality/protocols.js';
import { silentProgress } from '../../../src/progress.js';

const protocol = protocols.find(({ id }) => id === 'P4')!;

const lines = [
  'Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country',
  '500001,20685,"DOOR MAT, RED SPOT",1,2010-01-04 09:00:00,5.95,12346,Belgium',
  '500002,20686,CAKE TIN,1,2011-05-31 12:00:00,2.95,12346,Belgium',
  '500003,20685,DOORMAT RED RETROSPOT,1,2011-06-01 00:00:00,5.95,12346,France',
  '500004,20685,DOORMAT RED RETROSPOT,1,2011-06-02 10:00:00,5.95,12347,France',
  '500004,21000,LUNCH BAG,2,2011-06-02 10:00:00,1.65,12347,France',
];

let server: BenchServer;
let home: string;

async function writeLines(written: readonly string[]): Promise<void> {
  const path = join(home, protocol.data.file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, gzipSync(`${written.join('\r\n')}\r\n`));
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'quality-import-'));
  server = await BenchServer.open(home, inject('postgresUrl'));
});

afterAll(async () => {
  await server.drop(fullDatabase(protocol));
  await server[Symbol.asyncDispose]();
  await rm(home, { recursive: true });
});

describe('a data set', () => {
  it('is imported whole, with the names that were known at the as-of date', async () => {
    await writeLines(lines);
    await importDataSet(server, protocol, home, silentProgress);
    const database = await server.connect(fullDatabase(protocol));
    try {
      const products = await database.query<unknown[]>('select external_id, name from product order by 1');
      expect(products).toEqual([
        { external_id: '20685', name: 'DOOR MAT, RED SPOT' },
        { external_id: '20686', name: 'CAKE TIN' },
        { external_id: '21000', name: 'LUNCH BAG' },
      ]);
      const customers = await database.query<unknown[]>('select external_id, country from customer order by 1');
      expect(customers).toEqual([
        { external_id: '12346', country: 'Belgium' },
        { external_id: '12347', country: 'France' },
      ]);
      const [counts] = await database.query<unknown[]>(
        `select (select count(*)::int from customer_order) as orders, (select count(*)::int from order_line) as lines,
           (select sum(net)::float from purchase_day) as net`,
      );
      expect(counts).toEqual({ orders: 4, lines: 5, net: 24.1 });
    } finally {
      await database.destroy();
    }
  });

  it('is refused where the lines before the as-of date are not found', async () => {
    await writeLines(lines.map((line) => line.replace(/(\d{4})-(\d{2})-(\d{2}) /, '$1/$2/$3 ')));
    await expect(importDataSet(server, protocol, home, silentProgress)).rejects.toMatchObject({
      code: 'IMPORT_INVALID',
    });
  });
});

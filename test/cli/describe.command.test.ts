import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeCommand } from '../../src/cli/describe.command.js';
import { upsertOrders } from '../../src/services/ingestion/live/upsert-orders.js';
import { upsertProducts } from '../../src/services/ingestion/live/upserts.js';
import { useCommandLine } from '../support/command-line.js';
import { useTestDatabase } from '../support/database.js';
import { useFolder } from '../support/folder.js';

describe('clvgraph describe', () => {
  const database = useTestDatabase();
  const folder = useFolder();
  const printed = useCommandLine(database);

  it('describes by flags and prints what became of the rows', async () => {
    await upsertProducts(database.dataSource, [{ externalId: 'mug' }], 'web');
    const placedAt = '2026-03-31';
    const lines = [{ productExternalId: 'mug', quantity: 1, unitPrice: '5' }];
    const orders = [{ externalId: '1', customerExternalId: 'ann', placedAt, lines }];
    await upsertOrders(database.dataSource, orders, { source: 'web', currency: 'EUR' });
    const fixtures = path.resolve('test/fixtures/describing');
    const file = path.join(folder, 'pictures.csv');
    const rejected = path.join(folder, 'rejected.csv');
    await writeFile(file, `Sku;Image\nmug;${fixtures}/red-circle.png\nhat;${fixtures}/red-circle.png\n`);
    const flags = ['--kind', 'product-pictures', '--source', 'web', '--model', `${fixtures}/captioner`];
    const map = ['--map', 'product.externalId=Sku,product.picture=Image', '--rejections', rejected];
    const run = (...more: string[]) =>
      describeCommand()
        .exitOverride()
        .parseAsync([file, ...flags, ...map, ...more], { from: 'user' });
    await run();
    expect(printed.at(-1)).toContain('2 rows of product-pictures, 1 described, 0 left as they are, 1 rejected');
    expect(printed.at(-1)).toContain('1 row: "Sku" is not a product of the source web');
    expect(printed.at(-1)).toContain('predictions of 1 customer are computed anew');
    expect(await readFile(rejected, 'utf8')).toContain('pictures.csv,3,Sku,hat,');
    await run();
    expect(printed.at(-1)).toContain('0 described, 1 left as they are, 1 rejected');
    await database.dataSource.query(`update product set picture_caption = 'old'`);
    await run('--again');
    expect(printed.at(-1)).toContain('1 described, 0 left as they are, 1 rejected');
    expect(await database.dataSource.query('select picture_caption from product')).toEqual([
      { picture_caption: 'a red circle on white' },
    ]);
  });
});

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importFile } from '../../../src/services/ingestion/import-file.js';
import type { ImportReport } from '../../../src/services/ingestion/import.types.js';
import { presets, type PresetName } from '../../../src/services/ingestion/mapping/presets.js';
import { useTestDatabase } from '../../support/database.js';

const data = resolve('../shared/data');
const cdnow = resolve(data, 'cdnow/CDNOW_master.txt.gz');
const cdnowSample = resolve(data, 'cdnow/CDNOW_sample.txt');
const onlineRetail = resolve(data, 'online-retail-ii/online_retail_ii.csv.gz');
const none = { created: 0, updated: 0, unchanged: 0 };

if (!existsSync(data)) console.warn(`real-data.test.ts is skipped: ${data} is missing`);

describe.skipIf(!existsSync(data))('the real data sets', () => {
  const database = useTestDatabase();
  const load = (path: string, preset: PresetName): Promise<ImportReport> =>
    importFile(database.dataSource, { path, mapping: presets[preset], source: preset, currency: 'USD' });

  it('CDNOW master: every row an order, duplicates included; the same again changes nothing', async () => {
    const first = await load(cdnow, 'cdnow');
    expect(first).toMatchObject({
      rowsRead: 69_659,
      rowsRejected: 0,
      customers: { created: 23_570, updated: 0, unchanged: 0 },
      orders: { created: 69_659, updated: 0, unchanged: 0 },
      ordersWithoutCustomer: 0,
    });
    const [total] = await database.dataSource.query(`select sum(total)::text as total from customer_order`);
    expect(total).toEqual({ total: '2500315.6300' });
    const again = await load(cdnow, 'cdnow');
    expect(again).toMatchObject({
      customers: { created: 0, updated: 0, unchanged: 23_570 },
      orders: { created: 0, updated: 0, unchanged: 69_659 },
    });
  });

  it('CDNOW sample: the same customers under their master ids', async () => {
    const report = await importFile(database.dataSource, {
      path: cdnowSample,
      mapping: presets.cdnow,
      source: 'sample',
      currency: 'USD',
    });
    expect(report).toMatchObject({ rowsRead: 6_919, rowsRejected: 0, customers: { created: 2_357 } });
    const strangers = await database.dataSource.query(`
      select external_id from customer where source = 'sample'
      except select external_id from customer where source = 'cdnow'`);
    expect(strangers).toEqual([]);
  });

  it('Online Retail II: every line, the anonymous ones reported; the same again changes nothing', async () => {
    const first = await load(onlineRetail, 'online-retail');
    console.info(`Online Retail II: ${first.seconds.toFixed(1)} s, ${first.rowsPerSecond} rows/s`);
    expect(first).toMatchObject({
      rowsRead: 1_044_847,
      rowsRejected: 0,
      customers: { created: 5_942 },
      orders: { created: 53_628 },
      orderLines: { created: 1_044_847 },
      ordersWithoutCustomer: 8_752,
    });
    const again = await load(onlineRetail, 'online-retail');
    console.info(`again: ${again.seconds.toFixed(1)} s`);
    expect(again).toMatchObject({
      customers: { ...none, unchanged: 5_942 },
      products: { ...none, unchanged: first.products.created },
      orders: { ...none, unchanged: 53_628 },
      orderLines: { ...none, unchanged: 1_044_847, removed: 0 },
    });
  }, 300_000);
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { importFile } from '../../../src/services/ingestion/import-file.js';
import type { ImportMapping, ImportOptions, ImportReport } from '../../../src/services/ingestion/import.types.js';
import { type OpenTestDatabase, useEmptiedDatabase } from '../../support/database.js';

/** Order lines in one file. */
export const flat: ImportMapping = {
  kind: 'order-lines',
  columns: {
    'order.externalId': 'order',
    'order.placedAt': 'date',
    'customer.externalId': 'customer',
    'customer.country': 'country',
    'product.externalId': 'sku',
    'product.name': 'name',
    'line.quantity': 'qty',
    'line.unitPrice': 'price',
  },
  nonMerchandise: ['POST'],
};
export const header = 'order,date,customer,country,sku,name,qty,price';

/** The same of the least columns. */
export const lines: ImportMapping = {
  kind: 'order-lines',
  columns: {
    'order.externalId': 'order',
    'order.placedAt': 'date',
    'customer.externalId': 'customer',
    'product.externalId': 'sku',
    'line.quantity': 'qty',
    'line.unitPrice': 'price',
  },
};

/** Orders without lines. */
export const orders: ImportMapping = {
  kind: 'orders',
  columns: {
    'order.externalId': 'id',
    'order.placedAt': 'date',
    'order.total': 'total',
    'customer.externalId': 'customer',
  },
};

interface Imports {
  readonly database: OpenTestDatabase;
  /** Of this test alone. */
  readonly folder: string;
  query<Row>(sql: string): Promise<Row[]>;
  load(content: string | Buffer, mapping: ImportMapping, more?: Partial<ImportOptions>): Promise<ImportReport>;
}

/** Imports into a database without records at the beginning of each test. */
export function useImports(): Imports {
  const database = useEmptiedDatabase();
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'clvgraph-import-'))));
  afterEach(() => rm(folder, { recursive: true }));
  return {
    database,
    get folder() {
      return folder;
    },
    query: (sql) => database.dataSource.query(sql),
    async load(content, mapping, more = {}) {
      const path = join(folder, 'data.csv');
      await writeFile(path, content);
      return importFile(database.dataSource, { path, mapping, source: 'shop', currency: 'EUR', ...more });
    },
  };
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wantsDemo } from '../../src/cli/first-model.js';
import { loadConfig } from '../../src/config.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

describe('the demo shop at the first start', () => {
  let database: TestDatabase;
  const { config } = loadConfig({}, '/nonexistent/.env');
  const wanted = () => wantsDemo(database.dataSource, config);
  beforeAll(async () => void (database = await createTestDatabase()));
  afterAll(() => database[Symbol.asyncDispose]());

  it('is wanted in an empty database, unless its size is 0', async () => {
    expect(await wanted()).toBe(true);
    expect(await wantsDemo(database.dataSource, { ...config, demoCustomers: 0 })).toBe(false);
  });

  it('is still wanted where an earlier start got no further than loading it', async () => {
    await database.dataSource.query(`insert into customer (source, external_id) values ('demo', 'demo-c-1')`);
    expect(await wanted()).toBe(true);
  });

  it.each([
    ['a product', `insert into product (source, external_id) values ('shop', 'p')`, 'product'],
    [
      'an anonymous order',
      `insert into customer_order (source, external_id, placed_at, currency, total) values ('shop', 'o', now(), 'USD', 1)`,
      'customer_order',
    ],
    ['a customer', `insert into customer (source, external_id) values ('shop', 'c')`, 'customer'],
  ])('is not wanted beside %s of another source', async (_what, insert, table) => {
    await database.dataSource.query(insert);
    expect(await wanted()).toBe(false);
    await database.dataSource.query(`delete from ${table} where source = 'shop'`);
  });
});

import { afterAll, afterEach, beforeAll } from 'vitest';
import type { DataSource } from 'typeorm';
import { upsertOrders } from '../../../src/services/ingestion/upsert-orders.js';
import type { OrderInput } from '../../../src/services/ingestion/upsert.types.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

/** A database for a file of tests, without records before each of them. */
export function emptiedDatabase() {
  let database: TestDatabase;
  beforeAll(async () => void (database = await createTestDatabase()));
  afterAll(() => database[Symbol.asyncDispose]());
  afterEach(() =>
    database.dataSource.query(
      'truncate customer, product, customer_order, order_line, behavior_event, purchase_day restart identity cascade',
    ),
  );
  return {
    get dataSource(): DataSource {
      return database.dataSource;
    },
    query: <Row>(sql: string) => database.dataSource.query<Row[]>(sql),
    orders: (...items: OrderInput[]) => upsertOrders(database.dataSource, items, { currency: 'USD' }),
  };
}

import { afterAll, afterEach, beforeAll, inject } from 'vitest';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/database/data-source.js';
import { databaseUrlOn } from './database-url.js';

export interface OpenTestDatabase {
  readonly url: string;
  readonly dataSource: DataSource;
}

export interface TestDatabase extends OpenTestDatabase, AsyncDisposable {}

let counter = 0;

/** The URL of a database on the server of this run. */
export function databaseUrl(name: string): string {
  return databaseUrlOn(inject('postgresUrl'), name);
}

/** A database of the caller's own, by default migrated and empty. The caller disposes of it. */
export async function createTestDatabase(template = inject('templateDatabase')): Promise<TestDatabase> {
  const serverUrl = inject('postgresUrl');
  const name = `clvgraph_test_${process.pid}_${Date.now().toString(36)}_${counter++}`;
  const server = await createDataSource({ url: serverUrl, poolSize: 1 }).initialize();
  await server.query(`create database ${name} template ${template}`);
  const url = databaseUrl(name);
  const dataSource = await createDataSource({ url, poolSize: 8 }).initialize();
  return {
    url,
    dataSource,
    async [Symbol.asyncDispose]() {
      if (dataSource.isInitialized) await dataSource.destroy();
      await server.query(`drop database if exists ${name} with (force)`);
      await server.destroy();
    },
  };
}

/**
 * A database for the tests of the block that calls this, removed after them. It is there from the first hook or test
 * on, not before.
 */
export function useTestDatabase(create: () => Promise<TestDatabase> = createTestDatabase): OpenTestDatabase {
  let database: TestDatabase;
  beforeAll(async () => void (database = await create()));
  afterAll(() => database[Symbol.asyncDispose]());
  return {
    get url() {
      return database.url;
    },
    get dataSource() {
      return database.dataSource;
    },
  };
}

/** The same, without records at the beginning of each test. */
export function useEmptiedDatabase(): OpenTestDatabase {
  const database = useTestDatabase();
  afterEach(() =>
    database.dataSource.query(
      'truncate customer, product, customer_order, order_line, behavior_event, purchase_day restart identity cascade',
    ),
  );
  return database;
}

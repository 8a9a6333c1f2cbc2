import { inject } from 'vitest';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/database/data-source.js';

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  readonly dataSource: DataSource;
}

let counter = 0;

/** The URL of a database on the server of this run. */
export function databaseUrl(name: string): string {
  return inject('postgresUrl').replace(/\/[^/?]*(\?|$)/, `/${name}$1`);
}

/** A database of the test file's own, by default migrated and empty. Dispose of it in `afterAll`. */
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

import { inject } from 'vitest';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/database/data-source.js';

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  readonly dataSource: DataSource;
}

let counter = 0;

/** A fresh, migrated, empty database of the test file's own. Dispose of it in `afterAll`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = inject('postgresUrl');
  const name = `clvgraph_test_${process.pid}_${Date.now().toString(36)}_${counter++}`;
  const server = await createDataSource({ url: serverUrl, poolSize: 1 }).initialize();
  await server.query(`create database ${name} template ${inject('templateDatabase')}`);
  const url = serverUrl.replace(/\/[^/?]*(\?|$)/, `/${name}$1`);
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

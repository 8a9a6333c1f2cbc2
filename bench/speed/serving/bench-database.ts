import type { DataSource } from 'typeorm';
import type { Config } from '../../../src/config.js';
import { createDataSource } from '../../../src/database/data-source.js';
import { EmbeddedPostgres } from '../../../src/database/embedded-postgres.js';
import { asOf, createKey, enlargeShop, fillShop } from './shop.js';

/** The shop behind the servers. */
export interface BenchDatabase extends AsyncDisposable {
  readonly url: string;
  /** Of an administrator. */
  readonly key: string;
  readonly snapshotId: string;
  query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  /** Settings of servers on it. */
  readonly environment: NodeJS.ProcessEnv;
}

/** Opens the shop of so many customers in an embedded Postgres, which keeps it between runs; makes it where it is not. */
export async function openBenchDatabase(config: Config, customers: number): Promise<BenchDatabase> {
  const postgres = await EmbeddedPostgres.start('.clvgraph/bench-speed');
  const admin = await createDataSource({ url: postgres.url(), poolSize: 1 }).initialize();
  const make = async (name: string, template: string, fill: (database: DataSource) => Promise<void>) => {
    const found: unknown[] = await admin.query('select 1 from pg_database where datname = $1', [name]);
    if (found.length > 0) return;
    await admin.query(`drop database if exists ${name}_unfinished with (force)`);
    await admin.query(`create database ${name}_unfinished template ${template}`);
    const url = await postgres.database(`${name}_unfinished`);
    const unfinished = await createDataSource({ url, poolSize: 4 }).initialize();
    await unfinished.runMigrations();
    await fill(unfinished);
    await unfinished.destroy();
    await admin.query(`alter database ${name}_unfinished rename to ${name}`);
  };
  const name = `serving_${customers}`;
  await make('serving_shop', 'template0', (database) => fillShop(database, config));
  await make(name, 'serving_shop', (database) => enlargeShop(database, customers));
  await admin.destroy();
  const url = await postgres.database(name);
  const database = await createDataSource({ url, poolSize: 4 }).initialize();
  const [{ id }] = await database.query<[{ id: string }]>('select id from snapshot order by id desc limit 1');
  return {
    url,
    key: await createKey(database),
    snapshotId: id,
    query: (sql, parameters) => database.query(sql, parameters),
    environment: {
      DATABASE_URL: url,
      CLVGRAPH_AS_OF: asOf.toISOString(),
      // Far beyond what comes, so that counting costs what it costs and nothing is refused.
      CLVGRAPH_RATE_LIMIT: '10000000',
    },
    async [Symbol.asyncDispose]() {
      await database.destroy();
      await postgres.stop();
    },
  };
}

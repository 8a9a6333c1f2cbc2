import { join } from 'node:path';
import type { Config } from '../../../src/config.js';
import { BenchServer } from '../../bench-server.js';
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
  const server = await BenchServer.embedded(join('.clvgraph', 'bench-speed'));
  const name = `serving_${customers}`;
  if (!(await server.has('serving_shop'))) await server.make('serving_shop', null, (shop) => fillShop(shop, config));
  if (!(await server.has(name))) await server.make(name, 'serving_shop', (shop) => enlargeShop(shop, customers));
  const url = server.urlOf(name);
  const database = await server.connect(name);
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
      await server[Symbol.asyncDispose]();
    },
  };
}

import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import * as entities from '../entities/index.js';
import { migrationTable } from './database-state.js';
import { isOfEmbedded } from './embedded-postgres.js';
import { keepSockets, openingInto, type OpenSockets } from './open-sockets.js';
import { noticeLostServer, sessionSettings } from './pool.js';
import { SnakeNamingStrategy } from './naming-strategy.js';
import { migrations } from '../../migrations/index.js';

/** The application name of every session begins so; what follows identifies the process. */
export const applicationNamePrefix = 'clvgraph ';

export interface DatabaseOptions {
  /** `postgres://...`; a unix socket as `postgres://user:password@/database?host=/folder`. */
  url: string;
  /** The largest number of connections. */
  poolSize: number;
}

function dataSourceOptions({ url, poolSize }: DatabaseOptions, sockets: OpenSockets): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    poolSize,
    logging: false,
    entities: Object.values(entities).filter((value) => typeof value === 'function'),
    migrations,
    migrationsTableName: migrationTable,
    namingStrategy: new SnakeNamingStrategy(),
    applicationName: `${applicationNamePrefix}${randomUUID()}`,
    extra: {
      ...noticeLostServer,
      // With a session open, other processes, such as a command that ends, see that the embedded server is still used.
      min: isOfEmbedded(url) ? 1 : 0,
      stream: openingInto(sockets),
      onConnect: (client: pg.ClientBase) => client.query(sessionSettings),
    },
    // gen_random_uuid() is Postgres's own since 13; no extension is needed.
    uuidExtension: 'pgcrypto',
    installExtensions: false,
  };
}

export function createDataSource(options: DatabaseOptions): DataSource {
  const sockets: OpenSockets = new Set();
  const dataSource = new DataSource(dataSourceOptions(options, sockets));
  keepSockets(dataSource, sockets);
  return dataSource;
}

import type { DataSource } from 'typeorm';
import type { Config } from '../config.js';
import { ClvError } from '../errors.js';
import { createDataSource } from './data-source.js';
import { EmbeddedPostgres } from './embedded-postgres.js';

/** As in `server_version_num`. */
export const oldestServerVersion = 150_000;
const embeddedDatabase = 'clvgraph';

export interface OpenDatabase {
  readonly dataSource: DataSource;
  /** For child processes and libraries with pools of their own. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Connects to the user's Postgres, or starts the embedded one, and migrates it.
 * @throws ClvError DATABASE_UNAVAILABLE, DATABASE_UNSUPPORTED
 */
export async function openDatabase(config: Config): Promise<OpenDatabase> {
  const postgres = config.databaseUrl ? undefined : await EmbeddedPostgres.start(config.dataDirectory);
  try {
    const url = config.databaseUrl ?? (await postgres!.database(embeddedDatabase));
    const dataSource = await migrated(url, config.databasePoolSize);
    return {
      dataSource,
      url,
      async close() {
        await dataSource.destroy();
        await postgres?.stop();
      },
    };
  } catch (error) {
    await postgres?.stop();
    throw error;
  }
}

async function migrated(url: string, poolSize: number): Promise<DataSource> {
  const dataSource = await connect(url, poolSize);
  try {
    await requireSupportedServer(dataSource);
    await migrate(dataSource);
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

async function connect(url: string, poolSize: number): Promise<DataSource> {
  try {
    return await createDataSource({ url, poolSize }).initialize();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ClvError(
      'DATABASE_UNAVAILABLE',
      `Postgres does not answer: ${reason}. Check that DATABASE_URL names a running server, an existing database and a user that may connect.`,
      { cause },
    );
  }
}

async function requireSupportedServer(dataSource: DataSource): Promise<void> {
  const [row] = await dataSource.query<{ version: number; name: string }[]>(
    `select current_setting('server_version_num')::int as version, current_setting('server_version') as name`,
  );
  if (row && row.version < oldestServerVersion) {
    throw new ClvError('DATABASE_UNSUPPORTED', `Postgres ${row.name} is too old; clvgraph needs 15 or newer.`);
  }
}

/** One process migrates at a time; the others wait and find nothing left to do. */
async function migrate(dataSource: DataSource): Promise<void> {
  const lock = dataSource.createQueryRunner();
  try {
    await lock.query('select pg_advisory_lock(7341, 0)');
    await dataSource.runMigrations({ transaction: 'each' });
  } finally {
    await lock.query('select pg_advisory_unlock(7341, 0)').catch(() => undefined);
    await lock.release();
  }
}

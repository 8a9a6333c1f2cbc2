import type { DataSource } from 'typeorm';
import type { Config } from '../config.js';
import { ClvError } from '../errors.js';
import { counted } from '../text.js';
import { whyUnwritable } from '../unwritable.js';
import { migrationLock } from './advisory-locks.js';
import { createDataSource, type DatabaseOptions } from './data-source.js';
import { EmbeddedPostgres } from './embedded-postgres.js';
import { countPendingMigrations, explained, findObstacle, toError } from './obstacles.js';
import { cutConnections } from './open-sockets.js';
import { poolOf } from './pool.js';
import { findPoolerObstacle } from './pooler.js';
import { replaceAfterRefusedWrites } from './refused-writes.js';
import { whyUnreachable } from './unreachable.js';

const embeddedDatabase = 'clvgraph';
/** Time limit of the first connection: otherwise a start would wait for ever for a peer that says nothing, such as a dead tunnel. */
const patienceMs = 30_000;

interface OpenDatabase {
  readonly dataSource: DataSource;
  /** For child processes and libraries with pools of their own. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Connects to the user's Postgres, or starts the embedded one, and migrates it.
 * @throws ClvError CONFIG_INVALID, DATABASE_UNAVAILABLE, DATABASE_UNSUPPORTED
 */
export async function openDatabase(config: Config): Promise<OpenDatabase> {
  const postgres = config.databaseUrl ? undefined : await startEmbedded(config.dataDirectory);
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

/** @throws ClvError CONFIG_INVALID where the folder cannot be written */
async function startEmbedded(dataDirectory: string): Promise<EmbeddedPostgres> {
  try {
    return await EmbeddedPostgres.start(dataDirectory);
  } catch (cause) {
    const code = whyUnwritable(cause);
    if (!code) throw cause;
    throw new ClvError(
      'CONFIG_INVALID',
      `The folder ${dataDirectory} cannot be written (${code}). Choose another one with CLVGRAPH_DATA_DIR.`,
      { cause },
    );
  }
}

async function migrated(url: string, poolSize: number): Promise<DataSource> {
  const dataSource = await connect(url, poolSize);
  try {
    const obstacle = (await findPoolerObstacle(poolOf(dataSource))) ?? (await findObstacle(dataSource));
    if (obstacle) throw toError(obstacle);
    await migrate(dataSource);
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

async function connect(url: string, poolSize: number): Promise<DataSource> {
  try {
    return await connected({ url, poolSize }, patienceMs);
  } catch (cause) {
    const { found, remedy } = whyUnreachable(cause, url);
    throw new ClvError('DATABASE_UNAVAILABLE', `Postgres ${found}. ${remedy}`, { cause });
  }
}

/** Connects, and does nothing else. @throws any failure as it is */
export async function connected(options: DatabaseOptions, limitMs: number): Promise<DataSource> {
  const dataSource = createDataSource(options);
  const givingUp = setTimeout(() => cutConnections(dataSource), limitMs);
  await dataSource.initialize().finally(() => clearTimeout(givingUp));
  replaceAfterRefusedWrites(poolOf(dataSource));
  return dataSource;
}

/** One process migrates at a time; the others wait and find nothing left to do. */
async function migrate(dataSource: DataSource): Promise<void> {
  const lock = dataSource.createQueryRunner();
  try {
    const pending = await countPendingMigrations(dataSource);
    // Said before the lock is waited for: to whoever waits it looks the same.
    if (pending > 0) tellOfMigrations(pending);
    await lock.query(`select pg_advisory_lock(${migrationLock})`);
    await dataSource.runMigrations({ transaction: 'each' });
  } catch (cause) {
    throw explained(cause);
  } finally {
    await lock.query(`select pg_advisory_unlock(${migrationLock})`).catch(() => undefined);
    await lock.release();
  }
}

/** Plain text, as of all that a start says before it serves; on standard error, since commands print results on standard output. */
function tellOfMigrations(pending: number): void {
  console.error(
    `An earlier version of clvgraph made the tables: ${counted(pending, 'migration')} to run, which may take minutes on a large base.`,
  );
}

import pg from 'pg';
import type { DataSource } from 'typeorm';
import { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';

/** Else Postgres would keep the sessions and locks of a machine that has vanished, for some two hours. */
const noticeLostMachines =
  'set tcp_keepalives_idle = 20; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4';

/**
 * Else whoever waits for the answer of a server whose machine is gone would wait for ever. After half a minute of silence
 * Node asks ten times, once a second.
 */
export const noticeLostServer = { keepAlive: true, keepAliveInitialDelayMillis: 30_000 };

/** Else days would follow the time zone of the server, with its clock changes, and dates its way of writing them. */
const readTheSameEverywhere = `set timezone = 'UTC'; set datestyle = 'ISO, MDY'`;

/**
 * Limits that a role or a database may have for interactive use: computing features and scoring take minutes, and the
 * sessions of locks and of LISTEN are idle most of the time. Only those that the server knows: Postgres 15 and 16 lack the last.
 */
const takeYourTime = `select set_config(name, '0', false) from pg_settings where name in ('statement_timeout',
  'lock_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout')`;

/** What concurrent writers may do to each other is thought out for this level. */
const seeWhatOthersCommit = `set default_transaction_isolation = 'read committed'`;

/** What a session begins with: statements of one round trip, since not every pooler passes on connection options. */
export const sessionSettings = [noticeLostMachines, readTheSameEverywhere, takeYourTime, seeWhatOthersCommit].join(
  '; ',
);

/** The pool beneath TypeORM, for what must not pass through TypeORM. */
export function poolOf(dataSource: DataSource): pg.Pool {
  if (!(dataSource.driver instanceof PostgresDriver)) throw new TypeError('the data source is not a Postgres one');
  return dataSource.driver.master as pg.Pool;
}

/** A pool of one connection beside TypeORM's: who uses it never waits for those who hold all connections of that one. */
export function openPoolOfOne(dataSource: DataSource): pg.Pool {
  const pool = new pg.Pool({ ...optionsOf(dataSource), max: 1 });
  // Of an idle connection that is lost: the next statement opens another one.
  return pool.on('error', () => undefined);
}

/**
 * A session of its own beside the pool, for LISTEN and for locks that live as long as it does. Its end is told by `end`.
 * @param queryTimeoutMs after which a statement counts as failed
 */
export async function openClient(dataSource: DataSource, queryTimeoutMs: number): Promise<pg.Client> {
  const client = createClient(dataSource, queryTimeoutMs);
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(sessionSettings);
    return client;
  } catch (error) {
    await client.end();
    throw error;
  }
}

/** Not yet connected. */
export function createClient(dataSource: DataSource, queryTimeoutMs: number): pg.Client {
  return new pg.Client({ ...optionsOf(dataSource), query_timeout: queryTimeoutMs });
}

/** With the password, which the pool hides from enumeration. */
function optionsOf(dataSource: DataSource): pg.PoolOptions {
  const { options } = poolOf(dataSource);
  return { ...options, password: options.password };
}

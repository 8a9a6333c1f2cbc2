import pg from 'pg';
import type { DataSource } from 'typeorm';
import { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';

/** Otherwise Postgres would keep the sessions and locks of a vanished machine for some two hours. */
const noticeLostMachines =
  'set tcp_keepalives_idle = 20; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4';

/**
 * Otherwise a statement would wait for ever for a server whose machine has vanished. After half a minute of silence Node sends ten probes,
 * one a second.
 */
export const noticeLostServer = { keepAlive: true, keepAliveInitialDelayMillis: 30_000 };

/** Otherwise days would be those of the server's time zone, with its clock changes, and dates written in its style. */
const readTheSameEverywhere = `set timezone = 'UTC'; set datestyle = 'ISO, MDY'`;

/**
 * Otherwise a role or database may have nulls in lists read as the text NULL, numbers told with fewer digits than they have, and
 * backslashes in texts of statements, such as those by which pg-boss makes its tables, dropped.
 */
const meanTheSameEverywhere = `set array_nulls = on; set extra_float_digits = 1; set standard_conforming_strings = on`;

/**
 * Lifts limits that a role or database may have for interactive use: features and scorings take minutes, and the sessions for locks and
 * LISTEN are idle most of the time. Only settings that the server knows: Postgres 15 and 16 lack the last one.
 */
const takeYourTime = `select set_config(name, '0', false) from pg_settings where name in ('statement_timeout',
  'lock_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout')`;

/** The statements are designed for concurrent writers at this isolation level. */
const seeWhatOthersCommit = `set default_transaction_isolation = 'read committed'`;

/** The first statements of a session, in one round trip; connection options are not passed on by every pooler. */
export const sessionSettings = [
  noticeLostMachines,
  readTheSameEverywhere,
  meanTheSameEverywhere,
  takeYourTime,
  seeWhatOthersCommit,
].join('; ');

/** The pool beneath TypeORM, for statements that must not pass through it. */
export function poolOf(dataSource: DataSource): pg.Pool {
  if (!(dataSource.driver instanceof PostgresDriver)) throw new TypeError('the data source is not a Postgres one');
  return dataSource.driver.master as pg.Pool;
}

/** A pool of one connection beside TypeORM's, which is free even when all connections of that one are in use. */
export function openPoolOfOne(dataSource: DataSource): pg.Pool {
  const pool = new pg.Pool({ ...optionsOf(dataSource), max: 1 });
  // An idle connection was lost: the next statement opens another one.
  return pool.on('error', () => undefined);
}

/**
 * A session of its own beside the pool, for LISTEN and for locks that live as long as it does. It emits `end` when it ends.
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

/** A client that is not yet connected. */
export function createClient(dataSource: DataSource, queryTimeoutMs: number): pg.Client {
  return new pg.Client({ ...optionsOf(dataSource), query_timeout: queryTimeoutMs });
}

/** The pool's options with the password, which the pool hides from enumeration. */
function optionsOf(dataSource: DataSource): pg.PoolOptions {
  const { options } = poolOf(dataSource);
  return { ...options, password: options.password };
}

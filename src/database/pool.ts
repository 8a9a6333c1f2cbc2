import pg from 'pg';
import type { DataSource } from 'typeorm';
import { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';

/** Else Postgres would keep the sessions, and the locks, of a machine that is gone for some two hours. */
const noticeLostMachines =
  'set tcp_keepalives_idle = 20; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4';

/** Else days would be as long as where the server is, across its clock changes, and dates might be unreadable. */
const readTheSameEverywhere = `set timezone = 'UTC'; set datestyle = 'ISO, MDY'`;

/** What a session begins with: statements of one round trip, since not every pooler passes on connection options. */
export const sessionSettings = `${noticeLostMachines}; ${readTheSameEverywhere}`;

/** The pool beneath TypeORM, for what must not pass through TypeORM. */
export function poolOf(dataSource: DataSource): pg.Pool {
  if (!(dataSource.driver instanceof PostgresDriver)) throw new TypeError('the data source is not a Postgres one');
  return dataSource.driver.master as pg.Pool;
}

/** A connection of its own beside the pool, for LISTEN and for locks that live as long as the session. */
export function createClient(dataSource: DataSource, queryTimeoutMs?: number): pg.Client {
  const { options } = poolOf(dataSource);
  // The pool hides its password from enumeration.
  return new pg.Client({
    ...options,
    password: options.password,
    keepAlive: true,
    ...(queryTimeoutMs ? { query_timeout: queryTimeoutMs } : {}),
  });
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { expect, vi } from 'vitest';

const often = { timeout: 10_000, interval: 20 };

/** Until so many sessions wait for a lock, whatever it is. Of this database alone: Postgres lists those of all. */
export async function untilLocked(dataSource: DataSource, sessions = 1): Promise<void> {
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await vi.waitUntil(async () => (await dataSource.query<unknown[]>(waiting)).length >= sessions, often);
}

/** Until so many sessions wait for a lock on the table. */
export async function untilWaitingFor(dataSource: DataSource, table: string, sessions = 1): Promise<void> {
  await vi.waitUntil(async () => (await waitingFor(dataSource, table)).length >= sessions, often);
}

/** The same, and no more do. */
export async function expectWaitingFor(dataSource: DataSource, table: string, sessions: number): Promise<void> {
  await untilWaitingFor(dataSource, table, sessions);
  await sleep(300);
  expect(await waitingFor(dataSource, table)).toHaveLength(sessions);
}

/** One row a session. In other databases, made from the same template, tables have the same ids. */
const waitingFor = (dataSource: DataSource, table: string): Promise<unknown[]> =>
  dataSource.query(
    `select from pg_locks join pg_database d on d.oid = database
     where not granted and relation = $1::regclass and datname = current_database()`,
    [table],
  );

import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { createClient } from '../database/pool.js';

/** Class of our advisory locks; the other half of the key is a hash of the job's id. */
const lockClass = 7342;
const retryMs = 250;

/**
 * Proof that a worker lives: a session of its own that holds an advisory lock for each job that it runs. Postgres
 * drops the locks with the session, so a killed worker is noticed at once, and no two workers ever run one job.
 */
export class Lease {
  /** Resolves when the session has ended: the worker's jobs may then be run by others. */
  readonly lost: Promise<void>;

  private constructor(private readonly client: pg.Client) {
    client.on('error', () => undefined);
    this.lost = new Promise((resolve) => client.once('end', resolve));
  }

  static async open(dataSource: DataSource): Promise<Lease> {
    const client = createClient(dataSource);
    const lease = new Lease(client);
    await client.connect();
    // Else Postgres would keep the session, and its locks, of a machine that is gone for some two hours.
    await client.query('set tcp_keepalives_idle = 20; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4');
    return lease;
  }

  /** Waits for the job's lock, or that of anything else that one process at a time does. @throws the signal's reason */
  async acquire(jobId: string, signal: AbortSignal): Promise<void> {
    // By asking again, not by waiting in Postgres: the session is shared by all jobs of the worker.
    while (!(await this.tryLock(jobId))) await sleep(retryMs, undefined, { signal });
    signal.throwIfAborted();
  }

  async release(jobId: string): Promise<void> {
    await this.client.query('select pg_advisory_unlock($1, hashtext($2))', [lockClass, jobId]);
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  private async tryLock(jobId: string): Promise<boolean> {
    const { rows } = await this.client.query<{ held: boolean }>(
      'select pg_try_advisory_lock($1, hashtext($2)) as held',
      [lockClass, jobId],
    );
    return rows[0]?.held ?? false;
  }
}

/** Takes the job's lock for the transaction, if no worker holds it: then no worker runs the job. */
export async function isOrphaned(manager: EntityManager, jobId: string): Promise<boolean> {
  const [row] = await manager.query<{ orphaned: boolean }[]>(
    'select pg_try_advisory_xact_lock($1, hashtext($2)) as orphaned',
    [lockClass, jobId],
  );
  return row?.orphaned ?? false;
}

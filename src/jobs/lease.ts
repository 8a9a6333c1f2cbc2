import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { jobLockClass } from '../database/advisory-locks.js';
import { applicationNamePrefix } from '../database/data-source.js';
import { InTurn } from '../database/in-turn.js';
import { openClient } from '../database/pool.js';

const retryMs = 250;
/** How long to wait for the job of another worker, which a living one releases in much less time. */
const patienceMs = 10_000;
const checkIntervalMs = 15_000;
/** Long enough for a worker on a busy machine: the time in which it cannot read the answer counts, too. */
const queryTimeoutMs = 60_000;

/**
 * Proof that a worker lives: a session of its own that holds an advisory lock for each job that it runs. Postgres
 * drops the locks with the session, so a killed worker is noticed at once, and no two workers ever run one job.
 */
export class Lease {
  /** Resolves when the session has ended: the worker's jobs may then be run by others. */
  readonly lost: Promise<void>;
  /** Aborted when the session has ended. */
  readonly ended: AbortSignal;
  /** The jobs of the worker share it. */
  private readonly session: InTurn;

  private constructor(client: pg.Client) {
    this.session = new InTurn(client);
    this.lost = new Promise((resolve) => client.once('end', resolve));
    const ending = new AbortController();
    this.ended = ending.signal;
    void this.lost.then(() => ending.abort());
    const checker = setInterval(() => this.session.check(), checkIntervalMs);
    void this.lost.then(() => clearInterval(checker));
  }

  static async open(dataSource: DataSource): Promise<Lease> {
    return new Lease(await openClient(dataSource, queryTimeoutMs));
  }

  /** Waits for the lock of work that one process at a time does. @throws the signal's reason */
  async acquire(name: string, signal: AbortSignal): Promise<void> {
    // It polls: waiting in Postgres would keep the session's other statements waiting, too.
    while (!(await this.tryLock(name))) await sleep(retryMs, undefined, { signal });
    if (!signal.aborted) return;
    // Aborted while Postgres answered: the session would keep the lock, and whoever takes the job next would take this worker for frozen.
    await this.release(name);
    throw signal.reason;
  }

  /**
   * Waits for the lock of a job that the queue gave to this worker. A process that still holds it after ten seconds is frozen or cut off:
   * its sessions are ended, and with them its locks. If it wakes up, it finds that it has lost its lease.
   * @throws the signal's reason
   */
  async takeOver(jobId: string, signal: AbortSignal): Promise<void> {
    const patience = AbortSignal.timeout(patienceMs);
    try {
      await this.acquire(jobId, AbortSignal.any([signal, patience]));
    } catch (error) {
      if (signal.aborted || !patience.aborted) throw error;
      await this.session.query(endHolder, [jobLockClass, jobId]);
      await this.acquire(jobId, signal);
    }
  }

  async release(jobId: string): Promise<void> {
    await this.session.query('select pg_advisory_unlock($1, hashtext($2))', [jobLockClass, jobId]);
  }

  async close(): Promise<void> {
    await this.session.end();
  }

  private async tryLock(jobId: string): Promise<boolean> {
    const { rows } = await this.session.query<{ held: boolean }>(
      'select pg_try_advisory_lock($1, hashtext($2)) as held',
      [jobLockClass, jobId],
    );
    return rows[0]?.held ?? false;
  }
}

/** A condition on `pg_locks held`: it is a lock on a job. The parameter `$1` is `jobLockClass`. @param jobId in SQL */
const isLockOf = (jobId: string): string => `
  held.locktype = 'advisory' and held.objsubid = 2 and held.granted
  and held.database = (select oid from pg_database where datname = current_database())
  and held.classid = $1 and held.objid = (hashtext(${jobId})::bigint & 4294967295)::oid`;

/** Ends the sessions of the process that holds a job's lock, which it finds by their application name. */
const endHolder = `
  select pg_terminate_backend(session.pid)
  from pg_locks held
  join pg_stat_activity holder using (pid)
  join pg_stat_activity session on session.pid = holder.pid
    or (holder.application_name like '${applicationNamePrefix}%' and session.application_name = holder.application_name)
  where held.pid <> pg_backend_pid() and ${isLockOf('$2')}`;

/** Takes the job's lock for the transaction. @returns whether it was free, i.e. no worker runs the job */
export async function isOrphaned(manager: EntityManager, jobId: string): Promise<boolean> {
  const [row] = await manager.query<{ orphaned: boolean }[]>(
    'select pg_try_advisory_xact_lock($1, hashtext($2)) as orphaned',
    [jobLockClass, jobId],
  );
  return row?.orphaned ?? false;
}

/** Whether a worker runs one of the jobs. */
export async function isAnyHeld(dataSource: DataSource, jobIds: readonly string[]): Promise<boolean> {
  const held = await dataSource.query<unknown[]>(
    `select 1 from pg_locks held join unnest($2::text[]) job on ${isLockOf('job')} limit 1`,
    [jobLockClass, jobIds],
  );
  return held.length > 0;
}

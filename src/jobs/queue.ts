import type { Logger } from 'pino';
import { type Db, PgBoss } from 'pg-boss';
import type { DataSource, EntityManager } from 'typeorm';
import { Notifications } from '../database/notifications.js';
import { poolOf } from '../database/pool.js';
import { type Run, type RunKind, runKinds } from '../entities/index.js';
import type { RetrainTimer } from '../services/schedules.service.js';
import type { RunQueue } from '../services/runs.service.js';

/** pg-boss refuses more than a day; a longer job is taken up again from its checkpoint. */
const longestAttemptSeconds = 24 * 60 * 60;
/** The net for a lost machine. A lost process is noticed by its lease within a second. */
const heartbeatSeconds = 60;
/** Attempts are limited by the run's own count, which leaves out restarts that are nobody's fault. */
const retryLimit = 1_000;
export const scheduleQueue = 'retrain-schedule';

export const queueOf = (kind: RunKind): string => kind.toLowerCase().replace('_', '-');

/** What pg-boss tells a worker of a job that it claimed. */
export interface JobClaim {
  readonly id: string;
  readonly name: string;
  readonly retryCount: number;
}

export interface TakenJob extends JobClaim {
  readonly data: { readonly input?: Record<string, unknown> };
  /** Aborted when pg-boss has given the job to another worker. */
  readonly signal: AbortSignal;
}

/** pg-boss on the pool of a TypeORM data source. The id of a run's job is the id of the run. */
export class Queue implements RunQueue, RetrainTimer {
  constructor(
    private readonly dataSource: DataSource,
    readonly boss: PgBoss,
    readonly notifications: Notifications,
  ) {}

  /** Enqueues the run in the caller's transaction: a rollback leaves nothing behind. */
  async enqueue(manager: EntityManager, run: Run): Promise<void> {
    await this.boss.send(queueOf(run.kind), {}, { id: run.id, db: inTransaction(manager) });
  }

  async withdraw(manager: EntityManager, run: Run): Promise<void> {
    await this.boss.cancel(queueOf(run.kind), run.id, { db: inTransaction(manager) });
  }

  /** Locks the job, and tells whether the claim on it still stands. */
  async isHeld(manager: EntityManager, { id, name, retryCount }: JobClaim): Promise<boolean> {
    const rows = await manager.query<unknown[]>(
      `select 1 from pgboss.job where id = $1 and name = $2 and retry_count = $3 and state = 'active' for update`,
      [id, name, retryCount],
    );
    return rows.length > 0;
  }

  /** Claims on runs' jobs, but for the newest: their worker may just be about to take its lease. */
  activeClaims(): Promise<JobClaim[]> {
    return this.dataSource.query<JobClaim[]>(
      `select id, name, retry_count as "retryCount" from pgboss.job
       where state = 'active' and name = any($1) and started_on < now() - interval '1 second'`,
      [runKinds.map(queueOf)],
    );
  }

  async complete(manager: EntityManager, claim: JobClaim): Promise<void> {
    await this.boss.complete(claim.name, claim, null, { db: inTransaction(manager) });
  }

  /** Gives the job back, to be tried again after a pause that grows with every retry. */
  async retryLater(manager: EntityManager, claim: JobClaim, reason: string): Promise<void> {
    await this.boss.fail(claim.name, claim, { reason }, { db: inTransaction(manager) });
  }

  /** Gives the job back, to be taken at once by any worker. */
  async retryNow(manager: EntityManager, claim: JobClaim, reason: string): Promise<void> {
    await this.retryLater(manager, claim, reason);
    await this.boss.update(claim.name, undefined, { id: claim.id, startAfter: 0, db: inTransaction(manager) });
  }

  async scheduleRetrain(cron: string, timezone: string, input: Record<string, unknown>): Promise<void> {
    await this.boss.schedule(scheduleQueue, cron, { input }, { tz: timezone, missed: 'once' });
  }

  async unscheduleRetrain(): Promise<void> {
    await this.boss.unschedule(scheduleQueue);
  }

  async scheduledRetrain(): Promise<{ cron: string; timezone: string; input: Record<string, unknown> } | null> {
    const schedule = await this.boss.getSchedule(scheduleQueue);
    if (!schedule) return null;
    const { input = {} } = (schedule.data ?? {}) as { input?: Record<string, unknown> };
    return { cron: schedule.cron, timezone: schedule.timezone, input };
  }

  nextOccurrence(cron: string, timezone: string): Date | null {
    return this.boss.previewSchedule(cron, { tz: timezone, count: 1 })[0] ?? null;
  }

  /** Takes the queue's jobs one by one. */
  async take(name: string, pollingIntervalSeconds: number, handler: (job: TakenJob) => Promise<void>): Promise<void> {
    const options = { pollingIntervalSeconds, notifyPollingIntervalSeconds: pollingIntervalSeconds };
    await this.boss.work<TakenJob['data']>(name, options, async ([job]) => (job ? handler(job) : undefined));
  }

  /** Takes no more jobs, and waits for the running ones so long. */
  async close(graceMs = 0): Promise<void> {
    await this.boss.stop({ graceful: graceMs > 0, timeout: graceMs });
    await this.notifications.close();
  }
}

export interface QueueOptions {
  logger: Logger;
  /** A worker also supervises the queues and fires the schedules. */
  worker?: boolean;
}

/** Creates pg-boss's schema and our queues where they are missing. */
export async function openQueue(dataSource: DataSource, { logger, worker = false }: QueueOptions): Promise<Queue> {
  const notifications = new Notifications(dataSource);
  const boss = new PgBoss({
    schema: 'pgboss',
    db: onPool(dataSource, notifications),
    supervise: worker,
    schedule: worker,
    useListenNotify: worker,
  });
  boss.on('error', (error) => logger.error({ err: error }, 'queue'));
  boss.on('warning', (warning) => logger.warn(warning, 'queue'));
  await boss.start();
  for (const kind of runKinds) {
    await boss.createQueue(queueOf(kind), {
      // One active job a queue, the others wait in order: the policy that holds under concurrency.
      policy: 'singleton',
      notify: true,
      retryLimit,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: 30,
      expireInSeconds: longestAttemptSeconds,
      heartbeatSeconds,
    });
  }
  await boss.createQueue(scheduleQueue, { policy: 'singleton', notify: true });
  return new Queue(dataSource, boss, notifications);
}

/** pg-boss needs node-postgres's own results, of which TypeORM passes on a part. */
function onPool(dataSource: DataSource, notifications: Notifications): Db {
  const pool = poolOf(dataSource);
  return {
    executeSql: (sql, values) => pool.query(sql, values as unknown[] | undefined),
    listen: async (channel, onNotification, onReconnect) => {
      const unsubscribe = await notifications.subscribe(channel, { onNotification, onReconnect });
      return { close: async () => unsubscribe() };
    },
  };
}

function inTransaction(manager: EntityManager): Db {
  const { queryRunner } = manager;
  if (!queryRunner?.isTransactionActive) throw new TypeError('the queue is written in a transaction only');
  return {
    executeSql: async (sql, values) => ({ rows: (await queryRunner.query(sql, values, true)).records }),
  };
}

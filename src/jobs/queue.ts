import type pg from 'pg';
import type { Db, PgBoss } from 'pg-boss';
import type { DataSource, EntityManager } from 'typeorm';
import type { Notifications } from '../database/notifications.js';
import { type Run, runKinds } from '../entities/index.js';
import { errorForLog } from '../error-for-log.js';
import type { RetrainTimer } from '../services/retraining/schedules.service.js';
import type { RunQueue } from '../services/runs/runs.service.js';
import { maxAttempts } from './job.js';
import {
  type JobClaim,
  queueOf,
  type ScheduleData,
  scheduleQueue,
  type ShardData,
  type ShardJob,
  shardQueue,
  type TakenJob,
} from './queued-job.js';

const ourQueues = [...runKinds.map(queueOf), shardQueue];
const shardsOfRun = `from pgboss.job where name = $1 and data->>'runId' = $2`;
const shardsOfWork = `${shardsOfRun} and data->>'work' = $3`;

/** pg-boss beside a TypeORM data source. The id of a run's job is the id of the run. */
export class Queue implements RunQueue, RetrainTimer {
  constructor(
    private readonly dataSource: DataSource,
    readonly boss: PgBoss,
    readonly notifications: Notifications,
    private readonly ownPool: pg.Pool | null,
  ) {}

  /** Enqueues the run in the caller's transaction: a rollback leaves nothing behind. */
  async enqueue(manager: EntityManager, run: Run): Promise<void> {
    await this.boss.send(queueOf(run.kind), {}, { id: run.id, db: inTransaction(manager) });
  }

  async withdraw(manager: EntityManager, run: Run): Promise<void> {
    await this.boss.cancel(queueOf(run.kind), run.id, { db: inTransaction(manager) });
  }

  /** Locks the job. @returns whether the claim on it is still valid */
  async isHeld(manager: EntityManager, { id, name, retryCount }: JobClaim): Promise<boolean> {
    const rows = await manager.query<unknown[]>(
      `select 1 from pgboss.job where id = $1 and name = $2 and retry_count = $3 and state = 'active' for update`,
      [id, name, retryCount],
    );
    return rows.length > 0;
  }

  /**
   * Claims on jobs of runs and shards, except for the newest, whose worker may be about to take its lease. Claims from far in the future
   * are included: they were made before the clock was set back.
   */
  activeClaims(): Promise<JobClaim[]> {
    return this.dataSource.query<JobClaim[]>(
      `select id, name, retry_count as "retryCount" from pgboss.job
       where state = 'active' and name = any($1)
         and started_on not between now() - interval '1 second' and now() + interval '1 minute'`,
      [ourQueues],
    );
  }

  /** Corrects times after the clock was set back: otherwise jobs and schedules would wait until it has reached its earlier time again. */
  async followClock(): Promise<void> {
    await this.dataSource.query(
      `update pgboss.job set start_after = now()
       where name = any($1) and state in ('created', 'retry') and start_after > now() + interval '1 minute'`,
      [ourQueues],
    );
    await this.dataSource.query(
      `update pgboss.version set cron_on = now() where cron_on > now() + interval '1 minute'`,
    );
  }

  /**
   * Whether Postgres has restarted since the attempt began: it was started, or it ended all sessions because one of them had crashed, for
   * example for lack of memory. In the second case it resets its statistics, including the archiver's.
   */
  async isFromBeforeRestart(manager: EntityManager, { name, id }: JobClaim): Promise<boolean> {
    const [found] = await manager.query<[{ restarted: boolean }?]>(
      `select started_on < greatest(pg_postmaster_start_time(), (select stats_reset from pg_stat_archiver)) as restarted
       from pgboss.job where name = $1 and id = $2`,
      [name, id],
    );
    return found?.restarted ?? false;
  }

  /** Enqueues the shards of a run's work, unless an earlier attempt has done so. */
  async enqueueShards(manager: EntityManager, runId: string, work: string, shards: readonly object[]): Promise<void> {
    const db = inTransaction(manager);
    const [known] = await manager.query<unknown[]>(`select 1 ${shardsOfWork} limit 1`, [shardQueue, runId, work]);
    if (known || shards.length === 0) return;
    const jobs = shards.map((shard, index) => ({ data: { runId, work, index, shard } satisfies ShardData }));
    await this.boss.insert(shardQueue, jobs, { db });
  }

  /** The states of the shards of a run's work, in their order. */
  shardsOf(runId: string, work: string): Promise<ShardJob[]> {
    return this.dataSource.query<ShardJob[]>(
      `select id, state, output ${shardsOfWork} order by (data->>'index')::int`,
      [shardQueue, runId, work],
    );
  }

  async countShards(runId: string, work: string): Promise<{ total: number; done: number; broken: number }> {
    const [counts] = await this.dataSource.query<[{ total: number; done: number; broken: number }]>(
      `select count(*)::int as total,
         count(*) filter (where state = 'completed')::int as done,
         count(*) filter (where state in ('failed', 'cancelled') or (state = 'completed' and output ? 'error'))::int as broken
       ${shardsOfWork}`,
      [shardQueue, runId, work],
    );
    return counts;
  }

  /** Cancels the shards of a run. @returns all of them, whatever their state */
  async cancelShards(runId: string): Promise<{ id: string; shard: object }[]> {
    const shards = await this.dataSource.query<{ id: string; shard: object }[]>(
      `select id, data->'shard' as shard ${shardsOfRun}`,
      [shardQueue, runId],
    );
    const ids = shards.map(({ id }) => id);
    if (ids.length > 0) await this.boss.cancel(shardQueue, ids);
    return shards;
  }

  async complete(manager: EntityManager, claim: JobClaim, output: object | null = null): Promise<void> {
    await this.boss.complete(claim.name, claim, output, { db: inTransaction(manager) });
  }

  /** Gives the job back, to be retried after a pause that grows with every retry. */
  async retryLater(manager: EntityManager, claim: JobClaim, reason: string): Promise<void> {
    await this.boss.fail(claim.name, claim, { reason }, { db: inTransaction(manager) });
  }

  /** Gives the job back, to be taken at once by any worker. */
  async retryNow(manager: EntityManager, claim: JobClaim, reason: string): Promise<void> {
    await this.retryLater(manager, claim, reason);
    await this.boss.update(claim.name, undefined, { id: claim.id, startAfter: 0, db: inTransaction(manager) });
  }

  /** Gives the job back, to be taken at once, with at least as many attempts left as a new shard. */
  async handOver(manager: EntityManager, claim: JobClaim, reason: string): Promise<void> {
    await allowAttempts(manager, claim);
    await this.retryNow(manager, claim, reason);
  }

  /** `handOver`, but after a pause that grows with every retry. */
  async postpone(manager: EntityManager, claim: JobClaim, reason: string): Promise<void> {
    await allowAttempts(manager, claim);
    await this.retryLater(manager, claim, reason);
  }

  /** @param from the first due time: pg-boss would also send a job that came due in the current minute */
  async scheduleRetrain(cron: string, timezone: string, input: Record<string, unknown>, from: Date): Promise<void> {
    const data: ScheduleData = { input, from: from.toISOString() };
    await this.boss.schedule(scheduleQueue, cron, data, { tz: timezone, missed: 'once' });
  }

  async unscheduleRetrain(): Promise<void> {
    await this.boss.unschedule(scheduleQueue);
  }

  async scheduledRetrain(): Promise<{ cron: string; timezone: string; input: Record<string, unknown> } | null> {
    const schedule = await this.boss.getSchedule(scheduleQueue);
    if (!schedule) return null;
    const { input } = schedule.data as ScheduleData;
    return { cron: schedule.cron, timezone: schedule.timezone, input };
  }

  nextOccurrence(cron: string, timezone: string, after?: Date): Date | null {
    return this.boss.previewSchedule(cron, { tz: timezone, count: 1, ...(after && { from: after }) })[0] ?? null;
  }

  /** Takes the queue's jobs one by one. */
  async take<Data extends object>(
    name: string,
    pollingIntervalSeconds: number,
    handler: (job: TakenJob<Data>) => Promise<object | void>,
  ): Promise<void> {
    const options = { pollingIntervalSeconds, notifyPollingIntervalSeconds: pollingIntervalSeconds };
    const workerId: string = await this.boss.work<Data>(name, options, async ([job]) => {
      try {
        return job && (await handler(job));
      } catch (error) {
        // Without personal data: pg-boss stores the error in the job, which erasures do not reach.
        throw errorForLog(error as Error);
      } finally {
        // Looks for the next job at once; after a short job, pg-boss would wait for the rest of the polling interval.
        this.boss.notifyWorker(workerId);
      }
    });
  }

  /** Takes no more jobs, and waits up to `graceMs` for the running ones. */
  async close(graceMs = 0): Promise<void> {
    await this.boss.stop({ graceful: graceMs > 0, timeout: graceMs });
    await this.notifications.close();
    await this.ownPool?.end();
  }
}

/** Raises the limit of attempts before a job is given back: pg-boss fails a job at its limit, and cannot update an active one. */
async function allowAttempts(manager: EntityManager, { name, id }: JobClaim): Promise<void> {
  await manager.query(
    `update pgboss.job set retry_limit = greatest(retry_limit, retry_count + $3) where name = $1 and id = $2`,
    [name, id, maxAttempts],
  );
}

function inTransaction(manager: EntityManager): Db {
  const { queryRunner } = manager;
  if (!queryRunner?.isTransactionActive) throw new TypeError('the queue is written in a transaction only');
  return {
    executeSql: async (sql, values) => ({ rows: (await queryRunner.query(sql, values, true)).records }),
  };
}

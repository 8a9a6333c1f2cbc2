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

  /** Locks the job, and tells whether the claim on it still stands. */
  async isHeld(manager: EntityManager, { id, name, retryCount }: JobClaim): Promise<boolean> {
    const rows = await manager.query<unknown[]>(
      `select 1 from pgboss.job where id = $1 and name = $2 and retry_count = $3 and state = 'active' for update`,
      [id, name, retryCount],
    );
    return rows.length > 0;
  }

  /**
   * Claims on runs' and shards' jobs, but for the newest: their worker may just be about to take its lease. One from long
   * after now is of before the clock was set back.
   */
  activeClaims(): Promise<JobClaim[]> {
    return this.dataSource.query<JobClaim[]>(
      `select id, name, retry_count as "retryCount" from pgboss.job
       where state = 'active' and name = any($1)
         and started_on not between now() - interval '1 second' and now() + interval '1 minute'`,
      [ourQueues],
    );
  }

  /** Where the clock was set back, jobs would wait, and no schedule would fire, until it is where it was. */
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
   * Whether Postgres has begun anew since the attempt began: it was started, or it ended all sessions because one of them had
   * crashed, as where its machine had no memory left. In the second case it resets its statistics, the archiver's, too.
   */
  async isFromBeforeRestart(manager: EntityManager, { name, id }: JobClaim): Promise<boolean> {
    const [found] = await manager.query<[{ restarted: boolean }?]>(
      `select started_on < greatest(pg_postmaster_start_time(), (select stats_reset from pg_stat_archiver)) as restarted
       from pgboss.job where name = $1 and id = $2`,
      [name, id],
    );
    return found?.restarted ?? false;
  }

  /** Enqueues the shards of a run's work, unless an earlier attempt of it has. */
  async enqueueShards(manager: EntityManager, runId: string, work: string, shards: readonly object[]): Promise<void> {
    const db = inTransaction(manager);
    const [known] = await manager.query<unknown[]>(`select 1 ${shardsOfWork} limit 1`, [shardQueue, runId, work]);
    if (known || shards.length === 0) return;
    const jobs = shards.map((shard, index) => ({ data: { runId, work, index, shard } satisfies ShardData }));
    await this.boss.insert(shardQueue, jobs, { db });
  }

  /** What became of the shards of a run's work, in their order. */
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

  /** @returns all shards of the run, whatever became of them */
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

  /** Gives the job back, to be tried again after a pause that grows with every retry. */
  async retryLater(manager: EntityManager, claim: JobClaim, reason: string): Promise<void> {
    await this.boss.fail(claim.name, claim, { reason }, { db: inTransaction(manager) });
  }

  /** Gives the job back, to be taken at once by any worker. */
  async retryNow(manager: EntityManager, claim: JobClaim, reason: string): Promise<void> {
    await this.retryLater(manager, claim, reason);
    await this.boss.update(claim.name, undefined, { id: claim.id, startAfter: 0, db: inTransaction(manager) });
  }

  /** Gives the job back, to be taken at once, and to be tried at least as often as a shard that is new. */
  async handOver(manager: EntityManager, claim: JobClaim, reason: string): Promise<void> {
    await allowAttempts(manager, claim);
    await this.retryNow(manager, claim, reason);
  }

  /** The same, after a pause that grows with every retry. */
  async postpone(manager: EntityManager, claim: JobClaim, reason: string): Promise<void> {
    await allowAttempts(manager, claim);
    await this.retryLater(manager, claim, reason);
  }

  /** @param from first time that it comes due: pg-boss would also send what came due in the minute that has begun */
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
        // pg-boss writes all of it into the job, which an erasure does not know.
        throw errorForLog(error as Error);
      } finally {
        // Looks for the next job at once; pg-boss would wait for the rest of the interval after a short one.
        this.boss.notifyWorker(workerId);
      }
    });
  }

  /** Takes no more jobs, and waits for the running ones so long. */
  async close(graceMs = 0): Promise<void> {
    await this.boss.stop({ graceful: graceMs > 0, timeout: graceMs });
    await this.notifications.close();
    await this.ownPool?.end();
  }
}

/** By a statement of our own, before a job is given back: pg-boss fails one at its limit, and updates none that is active. */
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

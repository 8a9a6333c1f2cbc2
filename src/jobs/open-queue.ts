import type { Logger } from 'pino';
import type pg from 'pg';
import { type Db, PgBoss } from 'pg-boss';
import type { DataSource } from 'typeorm';
import { Notifications } from '../database/notifications.js';
import { explained, findQueueObstacle, toError } from '../database/obstacles.js';
import { openPoolOfOne, poolOf } from '../database/pool.js';
import { runKinds } from '../entities/index.js';
import { forwardClock } from './forward-clock.js';
import { maxAttempts } from './job.js';
import { Queue } from './queue.js';
import { queueOf, scheduleQueue, shardQueue } from './queued-job.js';
import { RepeatedErrors } from '../repeated-errors.js';

/** pg-boss refuses more than a day; a longer job is taken up again from its checkpoint. */
const longestAttemptSeconds = 24 * 60 * 60;
/** By heartbeats a lost machine is noticed; a lost process is noticed within a second, by its lease. */
const heartbeatSeconds = 60;
/** Practically unlimited: attempts are limited by the run's own count, in which restarts of Postgres do not count. */
const retryLimit = 1_000;
/** Practically unlimited: by default, pg-boss drops a waiting job after two weeks, and its run would wait for ever. */
const longestWaitSeconds = 10 * 365 * 24 * 60 * 60;

interface QueueOptions {
  logger: Logger;
  /** Whether it is for a worker, which also supervises the queues and starts scheduled runs. */
  worker?: boolean;
}

/**
 * Creates pg-boss's schema and our queues where they are missing.
 * @throws ClvError DATABASE_UNAVAILABLE where the user lacks the privileges
 */
export async function openQueue(dataSource: DataSource, { logger, worker = false }: QueueOptions): Promise<Queue> {
  const obstacle = await findQueueObstacle(dataSource);
  if (obstacle) throw toError(obstacle);
  const notifications = new Notifications(dataSource);
  // Jobs may use all connections of the worker for minutes; without a heartbeat, pg-boss would give them to another worker.
  const ownPool = worker ? openPoolOfOne(dataSource) : null;
  const boss = new PgBoss({
    schema: 'pgboss',
    db: onPool(ownPool ?? poolOf(dataSource), notifications),
    supervise: worker,
    schedule: worker,
    useListenNotify: worker,
    ...(worker && { clock: forwardClock }),
  });
  const errors = new RepeatedErrors(logger);
  boss.on('error', (error) => errors.log(error, 'queue'));
  boss.on('warning', (warning) => logger.warn(warning, 'queue'));
  const queue = new Queue(dataSource, boss, notifications, ownPool);
  try {
    await boss.start();
    await createQueues(boss);
  } catch (cause) {
    await queue.close().catch(() => undefined);
    throw explained(cause);
  }
  return queue;
}

async function createQueues(boss: PgBoss): Promise<void> {
  const retries = { retryDelay: 1, retryBackoff: true, retryDelayMax: 30 };
  const common = {
    notify: true,
    ...retries,
    expireInSeconds: longestAttemptSeconds,
    heartbeatSeconds,
    retentionSeconds: longestWaitSeconds,
  };
  // Singleton: one active job per queue, the others wait in order. It is the policy that also holds under concurrency.
  const runQueue = { ...common, policy: 'singleton', retryLimit };
  const wanted = new Map<string, Parameters<PgBoss['createQueue']>[1]>([
    ...runKinds.map((kind) => [queueOf(kind), runQueue] as const),
    [shardQueue, { ...common, retryLimit: maxAttempts - 1 }],
    [scheduleQueue, { policy: 'singleton', notify: true }],
  ]);
  const known = new Map((await boss.getQueues([...wanted.keys()])).map((queue) => [queue.name, queue]));
  for (const [name, options] of wanted) {
    const queue = known.get(name);
    const retentionSeconds = options?.retentionSeconds;
    if (!queue) await boss.createQueue(name, options);
    // Made by an earlier version, with pg-boss's default of two weeks.
    else if (retentionSeconds && retentionSeconds !== queue.retentionSeconds) {
      await boss.updateQueue(name, { retentionSeconds });
    }
  }
}

/** pg-boss needs the results of node-postgres, of which TypeORM returns only a part. */
function onPool(pool: pg.Pool, notifications: Notifications): Db {
  return {
    executeSql: (sql, values) => pool.query(sql, values),
    listen: async (channel, onNotification, onReconnect) => {
      const unsubscribe = await notifications.subscribe(channel, { onNotification, onReconnect });
      return { close: async () => unsubscribe() };
    },
  };
}

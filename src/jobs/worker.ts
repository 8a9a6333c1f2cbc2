import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { closedOnFailure, type Closer } from '../closers.js';
import type { Config } from '../config.js';
import type { RunKind } from '../entities/index.js';
import { RunsService } from '../services/runs/runs.service.js';
import { runCancelChannel } from '../services/runs/run-transitions.js';
import { type ExecutionContext, Executions } from './executions.js';
import type { Handlers, JobHandler } from './job.js';
import { Lease } from './lease.js';
import { openQueue } from './open-queue.js';
import { type ScheduleData, type ShardData, queueOf, scheduleQueue, shardQueue } from './queued-job.js';
import { Reaper } from './reaper.js';
import { RunExecution } from './run-execution.js';
import { ShardExecution } from './shard-execution.js';

/** A fallback; usually NOTIFY wakes the worker earlier. */
const pollingIntervalSeconds = 2;
const graceMs = 10_000;

interface WorkerOptions extends Handlers {
  readonly config: Config;
  readonly dataSource: DataSource;
  readonly logger: Logger;
}

export interface Worker {
  /**
   * Takes no more jobs, aborts the running ones, and waits for them up to ten seconds. They are given back to the queue without counting an
   * attempt.
   */
  stop(): Promise<void>;
  /** Resolves when the worker has lost its session in Postgres; its process should then end. */
  readonly lost: Promise<void>;
}

/** Starts to take jobs: at most one run of each kind at a time over all workers. */
export function startWorker(options: WorkerOptions): Promise<Worker> {
  return closedOnFailure((opened) => start(options, opened));
}

async function start(
  { config, dataSource, handlers, shardHandler, abandonedShardsHandler, logger }: WorkerOptions,
  opened: Closer[],
): Promise<Worker> {
  const queue = await openQueue(dataSource, { logger, worker: true });
  opened.push(() => queue.close());
  const lease = await Lease.open(dataSource);
  const executions = new Executions(dataSource);
  const context: ExecutionContext = { config, dataSource, queue, lease, logger, abandonedShardsHandler };
  const reaper = new Reaper(context);
  const stop = async (): Promise<void> => {
    executions.stopAll('shutdown');
    try {
      await Promise.all([queue.close(graceMs), reaper.stop()]);
    } finally {
      await lease.close();
    }
  };
  opened.push(stop);
  await queue.notifications.subscribe(runCancelChannel, {
    onNotification: (id) => executions.cancel([id]),
    onReconnect: () => {
      executions.cancelRequested().catch((error: unknown) => logger.error({ err: error }, 'cancel requests'));
    },
  });
  void lease.lost.then(() => executions.stopAll('claim lost'));

  // Gives back the jobs of a killed predecessor before the first job is taken.
  await reaper.sweep();
  reaper.start();
  for (const [kind, handler] of Object.entries(handlers) as [RunKind, JobHandler][]) {
    await queue.take(queueOf(kind), pollingIntervalSeconds, (claim) =>
      executions.execute(new RunExecution(context, claim, handler)),
    );
  }
  if (shardHandler) {
    await queue.take<ShardData>(shardQueue, pollingIntervalSeconds, (claim) =>
      executions.execute(new ShardExecution(context, claim, shardHandler)),
    );
  }
  const runs = new RunsService(dataSource, queue, queue.notifications);
  await queue.take<ScheduleData>(scheduleQueue, pollingIntervalSeconds, async ({ data: { input, from } }) => {
    if (await isAhead(dataSource, from)) return logger.info({ from }, 'schedule fired ahead of its time: left out');
    const run = await runs.startUnlessActive('RETRAIN', input);
    logger.info({ run: run?.id }, run ? 'scheduled retrain' : 'scheduled retrain left out: one is active');
  });

  return { lost: lease.lost, stop };
}

/**
 * Whether the first due time of the schedule is in the future, with some tolerance, by Postgres's clock, which schedules use. Where that was
 * set back since the schedule was set, the time tells nothing: it may be years ahead.
 */
async function isAhead(dataSource: DataSource, from: string): Promise<boolean> {
  const [row] = await dataSource.query<[{ ahead: boolean }]>(
    `select now() < $1::timestamptz - interval '5 seconds'
       and not exists (select from pgboss.schedule where name = $2 and updated_on > now()) as ahead`,
    [from, scheduleQueue],
  );
  return row.ahead;
}

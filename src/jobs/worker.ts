import type { Logger } from 'pino';
import { type DataSource, In, IsNull, Not } from 'typeorm';
import type { Config } from '../config.js';
import { Run, type RunKind } from '../entities/index.js';
import { RunsService } from '../services/runs.service.js';
import { runCancelChannel } from '../services/run-transitions.js';
import { Execution, type ExecutionContext } from './execution.js';
import type { JobHandler, JobHandlers } from './job.js';
import { Lease } from './lease.js';
import { type TakenJob, openQueue, queueOf, scheduleQueue } from './queue.js';
import { Reaper } from './reaper.js';

/** A fallback: NOTIFY wakes the worker long before. */
const pollingIntervalSeconds = 2;
const graceMs = 10_000;

export interface WorkerOptions {
  readonly config: Config;
  readonly dataSource: DataSource;
  readonly handlers: JobHandlers;
  readonly logger: Logger;
}

export interface Worker {
  /**
   * Takes no more jobs, aborts the running ones, and waits for them up to ten seconds; they go back to the queue
   * without an attempt being counted.
   */
  stop(): Promise<void>;
  /** Resolves when the worker has lost its session in Postgres; its process should then end. */
  readonly lost: Promise<void>;
}

/** Starts to take jobs: at most one of each kind at a time, and of each kind only one over all workers. */
export async function startWorker({ config, dataSource, handlers, logger }: WorkerOptions): Promise<Worker> {
  const queue = await openQueue(dataSource, { logger, worker: true });
  const lease = await Lease.open(dataSource);
  const reaper = new Reaper(dataSource, queue, logger);
  const executions = new Executions({ config, dataSource, queue, lease, logger });
  await queue.notifications.subscribe(runCancelChannel, {
    onNotification: (id) => executions.cancel([id]),
    onReconnect: () => {
      executions.cancelRequested().catch((error: unknown) => logger.error({ err: error }, 'cancel requests'));
    },
  });
  void lease.lost.then(() => executions.stopAll('claim lost'));

  // What a killed predecessor left is given back before the first job is taken.
  await reaper.sweep();
  reaper.start();
  for (const [kind, handler] of Object.entries(handlers) as [RunKind, JobHandler][]) {
    await queue.take(queueOf(kind), pollingIntervalSeconds, (claim) => executions.run(claim, handler));
  }
  const runs = new RunsService(dataSource, queue, queue.notifications);
  await queue.take(scheduleQueue, pollingIntervalSeconds, async ({ data }) => {
    const run = await runs.startUnlessActive('RETRAIN', data.input ?? {});
    logger.info({ run: run?.id }, run ? 'scheduled retrain' : 'scheduled retrain left out: one is active');
  });

  return {
    lost: lease.lost,
    async stop() {
      executions.stopAll('shutdown');
      await Promise.all([queue.close(graceMs), reaper.stop()]);
      await lease.close();
    },
  };
}

/** The attempts that this worker is at. */
class Executions {
  private readonly running = new Map<string, Execution>();
  private stopping: 'shutdown' | 'claim lost' | undefined;

  constructor(private readonly context: ExecutionContext) {}

  async run(claim: TakenJob, handler: JobHandler): Promise<void> {
    const execution = new Execution(this.context, claim, handler);
    this.running.set(execution.runId, execution);
    // A job that was on its way when the worker stopped.
    if (this.stopping) execution.stop(this.stopping);
    try {
      await execution.execute();
    } finally {
      this.running.delete(execution.runId);
    }
  }

  cancel(ids: readonly string[]): void {
    for (const id of ids) this.running.get(id)?.stop('cancel');
  }

  /** Looks for requests whose notification may have been missed. */
  async cancelRequested(): Promise<void> {
    const ids = [...this.running.keys()];
    const requested = await this.context.dataSource.manager.findBy(Run, {
      id: In(ids),
      cancelRequestedAt: Not(IsNull()),
    });
    this.cancel(requested.map(({ id }) => id));
  }

  stopAll(reason: 'shutdown' | 'claim lost'): void {
    this.stopping = reason;
    for (const execution of this.running.values()) execution.stop(reason);
  }
}

import { type DataSource, In, IsNull, Not } from 'typeorm';
import type { Config } from '../config.js';
import { Run } from '../entities/index.js';
import type { AbandonedShardsHandler } from './job.js';
import type { Lease } from './lease.js';
import type { QueueContext } from './reaper.js';
import type { StopReason, Stopper } from './stopper.js';

export interface ExecutionContext extends QueueContext {
  readonly config: Config;
  readonly lease: Lease;
  readonly abandonedShardsHandler?: AbandonedShardsHandler | undefined;
}

/** One attempt of one job. */
export interface Execution {
  readonly runId: string;
  readonly stopper: Stopper;
  /** @returns what pg-boss stores as the job's output */
  execute(): Promise<object | void>;
}

/** The jobs that a worker is running. */
export class Executions {
  private readonly running = new Set<Execution>();
  private stopped: StopReason | undefined;

  constructor(private readonly dataSource: DataSource) {}

  async execute(execution: Execution): Promise<object | void> {
    this.running.add(execution);
    // The worker was stopped while the job was on its way.
    if (this.stopped) execution.stopper.stop(this.stopped);
    try {
      return await execution.execute();
    } finally {
      this.running.delete(execution);
    }
  }

  cancel(runIds: readonly string[]): void {
    for (const { runId, stopper } of this.running) if (runIds.includes(runId)) stopper.stop('cancel');
  }

  /** Looks for requests to cancel whose notification may have been missed. */
  async cancelRequested(): Promise<void> {
    const ids = [...this.running].map(({ runId }) => runId);
    const requested = await this.dataSource.manager.findBy(Run, { id: In(ids), cancelRequestedAt: Not(IsNull()) });
    this.cancel(requested.map(({ id }) => id));
  }

  stopAll(reason: StopReason): void {
    this.stopped = reason;
    for (const { stopper } of this.running) stopper.stop(reason);
  }
}

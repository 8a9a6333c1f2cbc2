import type { EntityManager } from 'typeorm';
import { databaseFailure, isOutage } from '../database/database-failure.js';
import { Run } from '../entities/index.js';
import { ClvError } from '../errors.js';
import { isSettled } from '../services/runs/run-transitions.js';
import { withEngineLog } from './engine-log.js';
import type { Execution, ExecutionContext } from './executions.js';
import { mostOutages, type ShardHandler } from './job.js';
import { persistently } from './persistently.js';
import type { ShardData, ShardOutput, TakenJob } from './queued-job.js';
import { Stopper } from './stopper.js';

/** One attempt of one shard. After any error, pg-boss retries until the shard has failed. */
export class ShardExecution implements Execution {
  readonly stopper: Stopper;

  constructor(
    private readonly context: ExecutionContext,
    private readonly claim: TakenJob<ShardData>,
    private readonly handler: ShardHandler,
  ) {
    this.stopper = new Stopper(claim.signal);
  }

  get runId(): string {
    return this.claim.data.runId;
  }

  async execute(): Promise<void> {
    const { lease, queue } = this.context;
    await lease.takeOver(this.claim.id, this.stopper.signal);
    try {
      if (!(await this.written((manager) => queue.isHeld(manager, this.claim)))) return;
      const output = await this.attempt();
      if (output) await this.written((manager) => queue.complete(manager, this.claim, output));
    } finally {
      await lease.release(this.claim.id);
    }
  }

  /** @returns null where the shard was given back */
  private async attempt(): Promise<ShardOutput | null> {
    const { dataSource, config, queue, logger } = this.context;
    const log = logger.child({ run: this.runId, shard: this.claim.data.index, job: this.claim.id });
    const run = await dataSource.manager.findOneByOrFail(Run, { id: this.runId });
    if (isSettled(run) || run.cancelRequestedAt) this.stopper.stop('cancel');
    try {
      this.stopper.signal.throwIfAborted();
      const { signal } = this.stopper;
      const result = await withEngineLog(log, () =>
        this.handler(this.claim.data.shard, { dataSource, config, signal }),
      );
      return { result };
    } catch (error) {
      if (this.stopper.reason === 'shutdown') {
        await dataSource.transaction((manager) => queue.handOver(manager, this.claim, 'the worker stops'));
        return null;
      }
      const shown = this.stopper.reason === 'cancel' ? this.stopper.signal.reason : error;
      if (shown instanceof ClvError) return { error: { code: shown.code, message: shown.message } };
      log.error({ err: error, attempt: this.claim.retryCount + 1 }, 'attempt of a shard failed');
      const failure = databaseFailure(error);
      if (!failure) throw error;
      if (!isOutage(error) || this.claim.retryCount >= mostOutages)
        return { error: { code: failure.code, message: failure.message } };
      await this.written((manager) => queue.postpone(manager, this.claim, failure.message));
      return null;
    }
  }

  private written<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return persistently(this.context.dataSource, this.stopper.signal, work);
  }
}

import type { Logger } from 'pino';
import type { EntityManager } from 'typeorm';
import { databaseFailure, isOutage } from '../database/database-failure.js';
import type { Run } from '../entities/index.js';
import { ClvError } from '../errors.js';
import { ThrottledProgress } from '../services/runs/run-progress.js';
import {
  type Outcome,
  beginAttempt,
  endAttempt,
  isSettled,
  lockRun,
  waitingForWorker,
  writeProgress,
} from '../services/runs/run-transitions.js';
import { abandonShards } from './abandoned-run.js';
import { withEngineLog } from './engine-log.js';
import type { Execution, ExecutionContext } from './executions.js';
import { fanOut } from './fan-out.js';
import { type JobHandler, maxAttempts, mostOutages } from './job.js';
import { persistently } from './persistently.js';
import type { TakenJob } from './queued-job.js';
import { Stopper } from './stopper.js';

/** One attempt of one run, from its claim to the recording of its outcome. */
export class RunExecution implements Execution {
  readonly stopper: Stopper;

  constructor(
    private readonly context: ExecutionContext,
    private readonly claim: TakenJob,
    private readonly handler: JobHandler,
  ) {
    this.stopper = new Stopper(claim.signal);
  }

  get runId(): string {
    return this.claim.id;
  }

  async execute(): Promise<void> {
    const { lease, dataSource } = this.context;
    // As after any error outside the attempt, pg-boss gives the job back.
    await lease.takeOver(this.runId, this.stopper.signal);
    try {
      const run = await persistently(dataSource, this.stopper.signal, (manager) => this.begin(manager));
      if (run && isSettled(run)) await this.abandon(run);
      else if (run) await this.attempt(run);
    } finally {
      await lease.release(this.runId);
    }
  }

  /** @returns the run, which is settled if it ended between two attempts; null if another worker has the claim */
  private async begin(manager: EntityManager): Promise<Run | null> {
    const found = await lockRun(manager, this.runId);
    if (!(await this.context.queue.isHeld(manager, this.claim))) return null;
    return (await beginAttempt(manager, this.runId)) ?? found;
  }

  /** Cleans up after a run that ended between two attempts. */
  private async abandon({ id }: Run): Promise<void> {
    const { dataSource, queue } = this.context;
    await abandonShards(this.context, id);
    await persistently(dataSource, this.stopper.signal, (manager) => queue.complete(manager, this.claim));
  }

  private async attempt(run: Run): Promise<void> {
    const { dataSource, config, logger } = this.context;
    const log = logger.child({ run: run.id, kind: run.kind, attempt: run.attempts });
    const progress = new ThrottledProgress(
      (phase, fraction) => writeProgress(dataSource.manager, run, phase, fraction),
      (error) => log.warn({ err: error }, 'progress was not written'),
    );
    if (run.cancelRequestedAt) this.stopper.stop('cancel');
    log.info('run begins');
    let outcome: Outcome;
    try {
      this.stopper.signal.throwIfAborted();
      const result = await withEngineLog(log, () =>
        this.handler(run.input, {
          run,
          dataSource,
          config,
          progress,
          signal: this.stopper.signal,
          fanOut: (work, shards, part) =>
            fanOut({ ...this.context, runId: run.id, work }, shards, { progress: part, signal: this.stopper.signal }),
        }),
      );
      outcome = { state: 'COMPLETED', result };
    } catch (error) {
      outcome = this.outcomeOf(error, run, log);
    }
    await progress.close();
    log.info({ state: outcome.state }, 'run ends');
    if (this.stopper.reason === 'claim lost') return;
    if (outcome.state === 'FAILED' || outcome.state === 'CANCELLED') await abandonShards(this.context, run.id);
    await this.settle(run, outcome);
  }

  private outcomeOf(error: unknown, run: Run, log: Logger): Outcome {
    if (this.stopper.reason === 'cancel') return { state: 'CANCELLED' };
    if (this.stopper.reason) return { state: 'PENDING', phase: waitingForWorker, attemptCounts: false };
    if (error instanceof ClvError) {
      const { code, message } = error;
      // Thrown by a shard that has read the request to cancel; this worker may have missed the notification.
      if (code === 'RUN_CANCELLED') return { state: 'CANCELLED' };
      log.warn({ code, reason: message }, 'run failed');
      return { state: 'FAILED', error: { code, message } };
    }
    log.error({ err: error }, 'attempt failed');
    if (isOutage(error) && this.claim.retryCount < mostOutages)
      return { state: 'PENDING', phase: 'waiting for Postgres', attemptCounts: false };
    if (run.attempts < maxAttempts)
      return { state: 'PENDING', phase: 'waiting for another attempt', attemptCounts: true };
    const failure = databaseFailure(error);
    if (failure) return { state: 'FAILED', error: { code: failure.code, message: failure.message } };
    const message = `The job failed unexpectedly ${maxAttempts} times. The worker's log tells why, under run ${run.id}.`;
    return { state: 'FAILED', error: { code: 'INTERNAL', message } };
  }

  private settle(run: Run, outcome: Outcome): Promise<void> {
    const { dataSource, queue } = this.context;
    return persistently(dataSource, this.stopper.signal, async (manager) => {
      await endAttempt(manager, run, outcome);
      if (outcome.state !== 'PENDING') await queue.complete(manager, this.claim);
      else if (this.stopper.reason) await queue.retryNow(manager, this.claim, outcome.phase);
      else await queue.retryLater(manager, this.claim, outcome.phase);
    });
  }
}

import type { Logger } from 'pino';
import type { DataSource, EntityManager } from 'typeorm';
import type { Run } from '../entities/index.js';
import { type Outcome, endAttempt, isSettled, lockRun, waitingForWorker } from '../services/runs/run-transitions.js';
import { maxAttempts, mostOutages } from './job.js';
import { isOrphaned } from './lease.js';
import type { Queue } from './queue.js';
import { type JobClaim, shardQueue } from './queued-job.js';
import { RepeatedErrors } from '../repeated-errors.js';

export interface QueueContext {
  readonly dataSource: DataSource;
  readonly queue: Queue;
  readonly logger: Logger;
}

/** Interval between sweeps; a dead worker is found after two of them. */
const intervalMs = 250;
/** Once in ten seconds. */
const sweepsPerClockCheck = 40;

/**
 * Gives the jobs of dead workers back to the queue, and corrects times after a clock was set back. Every worker does it; doing it twice is
 * harmless.
 */
export class Reaper {
  /** Claims that nobody held at the last sweep. */
  private suspects: ReadonlySet<string> = new Set();
  private sweeps = 0;
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;

  private readonly dataSource: DataSource;
  private readonly queue: Queue;
  private readonly logger: Logger;
  private readonly errors: RepeatedErrors;

  constructor({ dataSource, queue, logger }: QueueContext) {
    this.dataSource = dataSource;
    this.queue = queue;
    this.logger = logger;
    this.errors = new RepeatedErrors(this.logger);
  }

  start(): void {
    this.timer = setInterval(() => {
      this.sweeping ??= this.sweep()
        .catch((error: unknown) => this.errors.log(error, 'reaper'))
        .finally(() => (this.sweeping = undefined));
    }, intervalMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /**
   * A claim must be found without a lock twice: jobs of living workers, too, have none for a moment before they begin and after they have
   * ended.
   */
  async sweep(): Promise<void> {
    if (this.sweeps++ % sweepsPerClockCheck === 0) await this.queue.followClock();
    const suspects = new Set<string>();
    for (const claim of await this.queue.activeClaims()) {
      const attempt = `${claim.id}/${claim.retryCount}`;
      await this.dataSource.transaction(async (manager) => {
        if (!(await isOrphaned(manager, claim.id))) return;
        suspects.add(attempt);
        if (!this.suspects.has(attempt)) return;
        if (claim.name === shardQueue) await this.reapShard(manager, claim);
        else await this.reapRun(manager, claim);
      });
    }
    this.suspects = suspects;
  }

  /** The job is given back even if no attempt of the run will follow: the worker that takes it cleans up after its shards. */
  private async reapRun(manager: EntityManager, claim: JobClaim): Promise<void> {
    const run = await lockRun(manager, claim.id);
    if (!(await this.queue.isHeld(manager, claim))) return;
    const wasRestarted = await this.wasRestarted(manager, claim);
    const outcome = outcomeOf(run, wasRestarted);
    this.logger.warn({ run: run.id, kind: run.kind, attempt: run.attempts, outcome: outcome.state }, 'worker died');
    await endAttempt(manager, run, outcome);
    // But not for ever, since the clean-up may be what its workers die of.
    if (isSettled(run) && claim.retryCount >= mostOutages) await this.queue.complete(manager, claim);
    else await this.giveBack(manager, claim, wasRestarted);
  }

  private async reapShard(manager: EntityManager, claim: JobClaim): Promise<void> {
    if (!(await this.queue.isHeld(manager, claim))) return;
    this.logger.warn({ job: claim.id, attempt: claim.retryCount + 1 }, 'worker of a shard died');
    await this.giveBack(manager, claim, await this.wasRestarted(manager, claim));
  }

  private async giveBack(manager: EntityManager, claim: JobClaim, wasRestarted: boolean): Promise<void> {
    if (wasRestarted) await this.queue.handOver(manager, claim, 'Postgres was restarted');
    else await this.queue.retryNow(manager, claim, 'the worker died');
  }

  /** Whether a restart of Postgres ended all workers' sessions, which does not count as an attempt. */
  private async wasRestarted(manager: EntityManager, claim: JobClaim): Promise<boolean> {
    return claim.retryCount < mostOutages && (await this.queue.isFromBeforeRestart(manager, claim));
  }
}

function outcomeOf(run: Run, wasRestarted: boolean): Outcome {
  if (run.cancelRequestedAt) return { state: 'CANCELLED' };
  if (wasRestarted) return { state: 'PENDING', phase: waitingForWorker, attemptCounts: false };
  if (run.attempts < maxAttempts) return { state: 'PENDING', phase: waitingForWorker, attemptCounts: true };
  const message = `The worker died, as where memory runs out, or lost its session in Postgres, ${maxAttempts} times in this job. Its log tells more.`;
  return { state: 'FAILED', error: { code: 'INTERNAL', message } };
}

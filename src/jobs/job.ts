import type { DataSource } from 'typeorm';
import type { Config } from '../config.js';
import type { Run, RunKind } from '../entities/index.js';
import type { JobHooks, ProgressReporter } from '../progress.js';

export interface JobContext extends JobHooks {
  /** As it was when this attempt began. `attempts` over 1: an earlier attempt may have left checkpoints. */
  readonly run: Run;
  readonly dataSource: DataSource;
  readonly config: Config;
  /**
   * Lets all workers share the run's work: each shard becomes a job of its own, repeated where its worker dies.
   * Resolves with their results, in order; reports the share that is done to `progress`. A later attempt of the run
   * finds the shards that the earlier one made for the same work, whatever it asks for.
   * @param work names it
   * @throws ClvError that a shard threw, or INTERNAL where one failed in every attempt; the other shards are cancelled
   */
  fanOut<Result extends object>(work: string, shards: readonly object[], progress: ProgressReporter): Promise<Result[]>;
}

/**
 * Does the work of one run; what it returns is the run's result. It may be called again for the same run, after a
 * crash or a restart, and then goes on from what it has stored.
 * @throws ClvError for failures that another attempt cannot mend; anything else is tried again
 */
export type JobHandler = (input: Record<string, unknown>, context: JobContext) => Promise<Record<string, unknown>>;

/** A worker takes the runs of the kinds that it has handlers for. */
export type JobHandlers = Readonly<Partial<Record<RunKind, JobHandler>>>;

type ShardContext = Pick<JobContext, 'dataSource' | 'config' | 'signal'>;

/** Does the work of one shard of a run that was fanned out. It may be called again for the same shard. */
export type ShardHandler = (shard: object, context: ShardContext) => Promise<object>;

/** Puts right what the shards of a run leave that will not be finished; none of them is worked on any more. */
export type AbandonedShardsHandler = (shards: readonly object[], dataSource: DataSource) => Promise<void>;

export interface Handlers {
  readonly handlers: JobHandlers;
  /** Without it a worker leaves shards to others. */
  readonly shardHandler?: ShardHandler;
  readonly abandonedShardsHandler?: AbandonedShardsHandler;
}

/** Makes the handlers of a worker, with what they share in its process. */
export type HandlerFactory = (dataSource: DataSource, config: Config) => Handlers;

/** Attempts that may end in a crash or an unexpected error before the run has failed. */
export const maxAttempts = 3;

/**
 * An attempt that Postgres itself has ended, by a restart or a full disk, is no fault of the job and does not count. But
 * a job may be what brings Postgres down: beyond this many retries each counts.
 */
export const mostOutages = 20;

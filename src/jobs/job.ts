import type { DataSource } from 'typeorm';
import type { Config } from '../config.js';
import type { Run, RunKind } from '../entities/index.js';
import type { JobHooks, ProgressReporter } from '../progress.js';

export interface JobContext extends JobHooks {
  /** The run as it was when this attempt began. If `attempts` is above 1, an earlier attempt may have left checkpoints. */
  readonly run: Run;
  readonly dataSource: DataSource;
  readonly config: Config;
  /**
   * Shares the run's work among all workers: each shard becomes a job of its own, which is repeated if its worker dies. Resolves with the
   * results in order, and reports the finished share to `progress`. A later attempt of the run finds the shards that an earlier one made
   * for the same work, even if it passes others.
   * @param work name of the work
   * @throws ClvError of a shard, or INTERNAL if one failed in every attempt; the other shards are cancelled
   */
  fanOut<Result extends object>(work: string, shards: readonly object[], progress: ProgressReporter): Promise<Result[]>;
}

/**
 * Does the work of one run and returns the run's result. It may be called again for the same run, after a crash or a restart, and then
 * continues from what it has stored.
 * @throws ClvError for failures that another attempt cannot mend; after anything else the run is tried again
 */
export type JobHandler = (input: Record<string, unknown>, context: JobContext) => Promise<Record<string, unknown>>;

/** A worker takes the runs of the kinds that it has handlers for. */
export type JobHandlers = Readonly<Partial<Record<RunKind, JobHandler>>>;

type ShardContext = Pick<JobContext, 'dataSource' | 'config' | 'signal'>;

/** Does the work of one shard of a run that was fanned out. It may be called again for the same shard. */
export type ShardHandler = (shard: object, context: ShardContext) => Promise<object>;

/** Cleans up after the shards of a run that will not be finished; none of them is running any more. */
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
 * Attempts that Postgres itself has ended, by a restart or a full disk, do not count. But the job may be what brings Postgres down: after
 * this many retries every attempt counts.
 */
export const mostOutages = 20;

import type { DataSource } from 'typeorm';
import type { Config } from '../config.js';
import type { Run, RunKind } from '../entities/index.js';
import type { ProgressReporter } from '../progress.js';

export interface JobContext {
  /** As it was when this attempt began. `attempts` over 1: an earlier attempt may have left checkpoints. */
  readonly run: Run;
  readonly dataSource: DataSource;
  readonly config: Config;
  readonly progress: ProgressReporter;
  /** Aborted when the run is cancelled or the worker stops; the handler then throws as soon as it can. */
  readonly signal: AbortSignal;
}

/**
 * Does the work of one run; what it returns is the run's result. It may be called again for the same run, after a
 * crash or a restart, and then goes on from what it has stored.
 * @throws ClvError for failures that another attempt cannot mend; anything else is tried again
 */
export type JobHandler = (input: Record<string, unknown>, context: JobContext) => Promise<Record<string, unknown>>;

/** A worker takes the runs of the kinds that it has handlers for. */
export type JobHandlers = Readonly<Partial<Record<RunKind, JobHandler>>>;

/** Attempts that may end in a crash or an unexpected error before the run has failed. */
export const maxAttempts = 3;

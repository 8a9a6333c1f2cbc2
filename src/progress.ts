import { ClvError } from './errors.js';

/** What a long job reports its progress to. */
export interface ProgressReporter {
  /**
   * @param phase what is being done now, in words, e.g. `tokenising`
   * @param fraction share of the whole job that is done, 0 to 1
   */
  report(phase: string, fraction: number): void | Promise<void>;
}

/** What a long job gets from whoever starts it. */
export interface JobHooks {
  readonly progress: ProgressReporter;
  /** Aborted when the job is cancelled, or when its worker stops. The job then throws as soon as it can. */
  readonly signal: AbortSignal;
}

export const silentProgress: ProgressReporter = { report: () => undefined };

/** A reporter for one part of a job, mapped onto the share [from, to] of the whole. */
export function partOf(progress: ProgressReporter, from: number, to: number): ProgressReporter {
  return { report: (phase, fraction) => progress.report(phase, from + (to - from) * fraction) };
}

/** The reason with which the signal of a cancelled job is aborted. */
export const cancelled = (): ClvError => new ClvError('RUN_CANCELLED', 'The run was cancelled.');

import { ClvError } from './errors.js';

/** Where a long job tells how far it is. */
export interface ProgressReporter {
  /**
   * @param phase what is being done now, for people, e.g. `tokenising`
   * @param fraction share of the whole job that is done, 0 to 1
   */
  report(phase: string, fraction: number): void | Promise<void>;
}

/** What whoever starts a long job gives to it. */
export interface JobHooks {
  readonly progress: ProgressReporter;
  /** Aborted when the job is cancelled, or the worker that does it stops: the job then throws as soon as it can. */
  readonly signal: AbortSignal;
}

export const silentProgress: ProgressReporter = { report: () => undefined };

/** A reporter for one part of a job, mapped onto the share [from, to] of the whole. */
export function partOf(progress: ProgressReporter, from: number, to: number): ProgressReporter {
  return { report: (phase, fraction) => progress.report(phase, from + (to - from) * fraction) };
}

/** Reason of the signal of a job that somebody cancelled. */
export const cancelled = (): ClvError => new ClvError('RUN_CANCELLED', 'The run was cancelled.');

/**
 * Whether a job's signal was aborted by a cancellation. The other reason, a worker that is told to stop, interrupts the
 * job only: another attempt goes on from what it has stored, which must be kept.
 */
export function isCancelled(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason instanceof ClvError && signal.reason.code === 'RUN_CANCELLED';
}

import type { Logger } from 'pino';
import { ClvError } from '../errors.js';
import type { Worker } from '../jobs/worker.js';
import type { RunsService } from '../services/runs/runs.service.js';
import { withProgressBar } from './progress-bar.js';

/**
 * Shows a run's progress until it has settled. An abort cancels the run.
 * @param worker the worker in this process, which works on the run
 * @throws ClvError DATABASE_UNAVAILABLE where the worker has lost its session
 */
export async function followRun(
  id: string,
  runs: Pick<RunsService, 'cancel' | 'watch'>,
  { worker, logger, signal }: { worker: Pick<Worker, 'lost'>; logger: Logger; signal: AbortSignal },
): Promise<void> {
  const cancel = () => {
    runs.cancel(id).catch((error: unknown) => {
      // The run has ended meanwhile.
      if (error instanceof ClvError && error.code === 'CONFLICT') return;
      logger.error({ err: error }, 'the run was not cancelled');
    });
  };
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  const watch = runs.watch(id);
  const shown = withProgressBar(async (progress) => {
    let phase = '';
    for await (const run of watch) {
      // A run has no phase when an attempt begins, and once it is completed.
      phase = run.phase || phase;
      await progress.report(phase, run.progress);
    }
  });
  // If the session is lost, nobody waits for this promise any more.
  shown.catch(() => undefined);
  try {
    await Promise.race([shown, worker.lost.then(() => Promise.reject(sessionLost()))]);
  } finally {
    signal.removeEventListener('abort', cancel);
    // The progress bar of a watch that goes on would keep the process from ending.
    await watch.return?.();
  }
}

function sessionLost(): ClvError {
  return new ClvError(
    'DATABASE_UNAVAILABLE',
    'The session in Postgres was lost. The run goes on with the next worker: clvgraph worker, or clvgraph start.',
  );
}

import { SingleBar } from 'cli-progress';
import type { ProgressReporter } from '../progress.js';

/** Runs a job with a progress bar on the terminal; where there is none, phases are not shown. */
export async function withProgressBar<T>(job: (progress: ProgressReporter) => Promise<T>): Promise<T> {
  const bar = new SingleBar({
    format: '{bar} {percentage} % {phase}',
    hideCursor: true,
    clearOnComplete: true,
    linewrap: false,
  });
  bar.start(100, 0, { phase: '' });
  try {
    return await job({ report: (phase, fraction) => bar.update(Math.round(100 * fraction), { phase }) });
  } finally {
    bar.stop();
  }
}

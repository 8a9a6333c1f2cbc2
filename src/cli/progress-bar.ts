import { SingleBar } from 'cli-progress';
import type { ProgressReporter } from '../progress.js';

/** Interval between two lines of the same phase, where there is no terminal for a bar. */
const lineEveryMs = 10_000;

/** Runs a job with a progress bar on the terminal; without a terminal, with a line for each phase and every ten seconds. */
export async function withProgressBar<T>(job: (progress: ProgressReporter) => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return withProgressLines(job);
  const bar = new SingleBar({
    // A statement over all customers may take minutes, during which only the time changes.
    format: '{bar} {percentage} % {phase} {duration_formatted}',
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

/** Writes the lines to standard error, as the bar does. */
async function withProgressLines<T>(job: (progress: ProgressReporter) => Promise<T>): Promise<T> {
  const started = performance.now();
  let told = { phase: '', fraction: 0 };
  const tell = () => {
    const seconds = Math.round((performance.now() - started) / 1_000);
    console.error(`${Math.round(100 * told.fraction)} % ${told.phase}, ${seconds} s`);
    timer.refresh();
  };
  const timer = setInterval(tell, lineEveryMs);
  try {
    return await job({
      report(phase, fraction) {
        const isNew = phase !== told.phase;
        told = { phase, fraction };
        if (isNew) tell();
      },
    });
  } finally {
    clearInterval(timer);
  }
}

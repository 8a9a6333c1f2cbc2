import { SingleBar } from 'cli-progress';
import type { ProgressReporter } from '../progress.js';

/** Between two lines of the same phase, where there is no terminal for a bar. */
const lineEveryMs = 10_000;

/** Runs a job with a progress bar on the terminal; where there is none, with a line a phase and every ten seconds. */
export async function withProgressBar<T>(job: (progress: ProgressReporter) => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return job(progressLines());
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

/** On standard error, as the bar. */
function progressLines(): ProgressReporter {
  let shown = { phase: '', at: 0 };
  return {
    report(phase, fraction) {
      const now = performance.now();
      if (phase === shown.phase && now - shown.at < lineEveryMs) return;
      shown = { phase, at: now };
      console.error(`${Math.round(100 * fraction)} % ${phase}`);
    },
  };
}

import type { ProgressReporter } from '../../src/progress.js';

const intervalMs = 10_000;

/** Says on the terminal, every ten seconds, how far a step is: its output goes into logs as well. */
export async function withProgressLines<T>(step: string, job: (progress: ProgressReporter) => Promise<T>): Promise<T> {
  const began = performance.now();
  let last = began;
  const line = (text: string) =>
    console.log(`[${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s] ${step}: ${text}`);
  line('begins');
  const result = await job({
    report(phase, fraction) {
      if (performance.now() - last < intervalMs) return;
      last = performance.now();
      line(`${phase}, ${(100 * fraction).toFixed(0)} %`);
    },
  });
  line('done');
  return result;
}

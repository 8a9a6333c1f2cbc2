import { loadavg } from 'node:os';
import type { ProgressReporter } from '../../../src/progress.js';
import type { Timed } from './scale-results.js';

/** Seconds of each phase, from when it was first reported to when the next was; and it tells them on the console. */
export class PhaseTimes implements ProgressReporter {
  readonly seconds: Record<string, number> = {};
  private phase = '';
  private since = performance.now();
  private told = 0;

  constructor(private readonly what: string) {}

  report(phase: string, fraction: number): void {
    const now = performance.now();
    if (phase !== this.phase) {
      this.end();
      this.phase = phase;
      this.since = now;
      this.told = 0;
    }
    if (now - this.told < 5_000) return;
    this.told = now;
    console.log(`${this.what}: ${phase}, ${Math.round(100 * fraction)} %`);
  }

  end(): void {
    if (this.phase === '') return;
    this.seconds[this.phase] = (this.seconds[this.phase] ?? 0) + (performance.now() - this.since) / 1_000;
    this.phase = '';
  }
}

/** Runs `work`, and watches this process's memory meanwhile. */
export async function measured<T>(work: () => Promise<T>): Promise<Timed & { result: T; peakBytes: number }> {
  let peakBytes = process.memoryUsage.rss();
  const watch = setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())), 50);
  const started = performance.now();
  try {
    const result = await work();
    return { result, peakBytes, seconds: (performance.now() - started) / 1_000, load: loadavg()[0]! };
  } finally {
    clearInterval(watch);
  }
}

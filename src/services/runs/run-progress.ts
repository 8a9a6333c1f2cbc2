import type { ProgressReporter } from '../../progress.js';

const intervalMs = 250;

/** Passes progress on at most four times a second and never backwards; the last one is always passed on. */
export class ThrottledProgress implements ProgressReporter {
  private latest: { phase: string; fraction: number } | undefined;
  private highest = 0;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private writtenAt = -intervalMs;
  private closed = false;

  constructor(
    private readonly write: (phase: string, fraction: number) => Promise<void>,
    private readonly onError: (error: unknown) => void,
  ) {}

  report(phase: string, fraction: number): void {
    if (this.closed) return;
    this.highest = Math.max(this.highest, Math.min(1, Number.isFinite(fraction) ? fraction : 0));
    this.latest = { phase, fraction: this.highest };
    this.timer ??= setTimeout(() => this.flush(), Math.max(0, this.writtenAt + intervalMs - performance.now()));
  }

  /** Writes what is left. Nothing is written after it has resolved. */
  async close(): Promise<void> {
    this.flush();
    this.closed = true;
    await this.writing;
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.latest) return;
    const { phase, fraction } = this.latest;
    this.latest = undefined;
    this.writtenAt = performance.now();
    // One after the other, since writes on two connections could overtake each other.
    this.writing = this.writing.then(() => this.write(phase, fraction)).catch(this.onError);
  }
}

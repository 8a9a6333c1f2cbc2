import type { Notifications } from '../../database/notifications.js';
import { throughOutages } from '../../database/through-outages.js';
import type { Run } from '../../entities/index.js';
import { isSettled, runProgressChannel } from './run-transitions.js';

/**
 * Reads a run again whenever a change is announced; if the database does not answer then, as soon as it does. Not a generator: `return`
 * must end a pending `next` at once, or a subscriber who leaves would stay subscribed until the run's next change.
 */
export class RunWatch implements AsyncIterableIterator<Run> {
  private unsubscribe: (() => void) | undefined;
  /** A change was announced since the last read began. */
  private changed = true;
  private wake: (() => void) | undefined;
  private last: string | undefined;
  private readonly ending = new AbortController();

  constructor(
    private readonly notifications: Notifications,
    private readonly id: string,
    private readonly read: () => Promise<Run>,
  ) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Run, undefined>> {
    try {
      await this.subscribe();
      while (!this.ended) {
        if (!this.changed) await new Promise<void>((resolve) => (this.wake = resolve));
        if (this.ended) break;
        // Before the read, so that a change during it causes another one.
        this.changed = false;
        const run = await throughOutages(this.ending.signal, this.read);
        const shown = JSON.stringify(run);
        if (shown === this.last) continue;
        this.last = shown;
        if (isSettled(run)) this.end();
        return { done: false, value: run };
      }
    } catch (error) {
      const hasLeft = this.ended;
      this.end();
      if (!hasLeft) throw error;
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Run, undefined>> {
    this.end();
    return { done: true, value: undefined };
  }

  private async subscribe(): Promise<void> {
    if (this.unsubscribe || this.ended) return;
    const unsubscribe = await this.notifications.subscribe(runProgressChannel, {
      onNotification: (id) => id === this.id && this.announce(),
      onReconnect: () => this.announce(),
    });
    // The watcher may have left while the subscription was made.
    if (this.ended) unsubscribe();
    else this.unsubscribe = unsubscribe;
  }

  private get ended(): boolean {
    return this.ending.signal.aborted;
  }

  private announce(): void {
    this.changed = true;
    this.wake?.();
  }

  private end(): void {
    this.ending.abort();
    this.unsubscribe?.();
    this.wake?.();
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { isOutage } from './database-failure.js';

const pauseMs = 1_000;

/**
 * Repeats work as long as Postgres does not answer or takes no writes.
 * @param signal after its abort, the work is not tried again
 * @param work must be harmless when it is done twice
 */
export async function throughOutages<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || !isOutage(error)) throw error;
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

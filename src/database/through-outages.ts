import { setTimeout as sleep } from 'node:timers/promises';
import { isOutage } from './database-failure.js';

const pauseMs = 1_000;

/**
 * Does what may be done twice again, for as long as Postgres does not answer or takes no writes.
 * @param signal after which it is tried no more
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

import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { isOutage } from '../database/database-failure.js';

const pauseMs = 1_000;

/**
 * A transaction that is tried again for as long as Postgres does not take it, as while its disk is full: what became of
 * a job is told once there is room.
 * @param signal after which it is tried no more
 */
export function persistently<T>(
  dataSource: DataSource,
  signal: AbortSignal,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  return throughOutages(signal, () => dataSource.transaction(work));
}

/**
 * The same of what takes several transactions, and may be done twice.
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

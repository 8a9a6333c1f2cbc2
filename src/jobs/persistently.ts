import type { DataSource, EntityManager } from 'typeorm';
import { throughOutages } from '../database/through-outages.js';

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

import type { DataSource, EntityManager } from 'typeorm';
import { throughOutages } from '../database/through-outages.js';

/**
 * Repeats a transaction as long as Postgres cannot execute it, as while its disk is full, so that the outcome of a job is recorded as soon
 * as there is room.
 * @param signal after its abort, the transaction is not repeated any more
 */
export function persistently<T>(
  dataSource: DataSource,
  signal: AbortSignal,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  return throughOutages(signal, () => dataSource.transaction(work));
}

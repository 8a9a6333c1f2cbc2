import type { DataSource, QueryRunner } from 'typeorm';
import { cancelOnAbort } from './cancel-on-abort.js';

/**
 * Runs `work` on one connection in one transaction that sees one state of the data, whatever is imported meanwhile.
 * An abort cancels the statement that is running.
 * @throws the signal's reason when aborted, after everything was rolled back
 */
export async function inAbortableTransaction<T>(
  dataSource: DataSource,
  signal: AbortSignal,
  work: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    await using cancelling = await cancelOnAbort(dataSource, await runner.connect(), signal);
    try {
      signal.throwIfAborted();
      await runner.startTransaction('REPEATABLE READ');
      // Compiling a statement that runs once a batch costs more than it saves.
      await runner.query('set local jit = off');
      // Sorts and hashes of a batch's order lines stay in memory.
      await runner.query(`set local work_mem = '128MB'`);
      const result = await work(runner);
      await runner.commitTransaction();
      return result;
    } catch (error) {
      await cancelling.arrived();
      // Fails only where the connection is lost, and then there is nothing to roll back.
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw signal.aborted ? signal.reason : error;
    }
  } finally {
    await runner.release();
  }
}

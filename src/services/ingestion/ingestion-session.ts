import type { PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import { loadLock } from '../../database/advisory-locks.js';
import { type CancelOnAbort, cancelOnAbort } from '../../database/cancel-on-abort.js';
import { ClvError } from '../../errors.js';
import type { Queryable } from '../../database/queryable.js';
import { isConnectionLost } from '../../database/lost-connection.js';
import { throughDeadlocks } from '../../database/through-deadlocks.js';

/** One connection for one ingestion: temporary tables and transactions live on it. */
export class IngestionSession implements Queryable {
  private constructor(
    readonly client: PoolClient,
    private readonly cancelling: CancelOnAbort,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Hands `work` a connection of the pool. An abort cancels the running statement. */
  static async use<T>(
    dataSource: DataSource,
    signal: AbortSignal | undefined,
    work: (session: IngestionSession) => Promise<T>,
  ): Promise<T> {
    const runner = dataSource.createQueryRunner();
    try {
      const client = (await runner.connect()) as PoolClient;
      await using cancelling = await cancelOnAbort(dataSource, client, signal);
      signal?.throwIfAborted();
      return await work(new IngestionSession(client, cancelling, signal));
    } catch (error) {
      throw signal?.aborted ? new ClvError('RUN_CANCELLED', 'Loading was cancelled.', { cause: error }) : known(error);
    } finally {
      await runner.release();
    }
  }

  async query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]> {
    return (await this.client.query(sql, parameters)).rows as Row[];
  }

  /**
   * Runs `work` in a transaction, and again after a deadlock.
   * @param patience how long it waits for others who write the same records, as an interval of Postgres; by default for as long as they
   *   take
   */
  transaction<T>(work: () => Promise<T>, patience?: string): Promise<T> {
    return throughDeadlocks(async () => {
      await this.client.query(patience ? `begin; set local lock_timeout = '${patience}'` : 'begin');
      try {
        const result = await work();
        // An abort between two statements has cancelled none.
        this.signal?.throwIfAborted();
        await this.client.query('commit');
        return result;
      } catch (error) {
        await this.cancelling.arrived();
        await this.client.query('rollback').catch(() => undefined);
        throw error;
      }
    });
  }
}

/** How long batches of live systems wait for others: a load of a large file may take minutes. */
export const patienceOfBatches = '10s';

/** Writes a batch of a live system, on a connection of its own and in one transaction. */
export function inBatchTransaction<T>(
  dataSource: DataSource,
  work: (session: IngestionSession) => Promise<T>,
): Promise<T> {
  return IngestionSession.use(dataSource, undefined, (session) =>
    session.transaction(() => work(session), patienceOfBatches),
  );
}

/**
 * `inBatchTransaction` for batches that delete records. The load of a file adds to records that it has read, and would fail if they were
 * gone: load and batch wait for each other.
 */
export function inDeletingTransaction<T>(
  dataSource: DataSource,
  work: (session: IngestionSession) => Promise<T>,
): Promise<T> {
  return inBatchTransaction(dataSource, async (session) => {
    await session.query(`select pg_advisory_xact_lock_shared(${loadLock})`);
    return work(session);
  });
}

const numericValueOutOfRange = '22003';
const lockNotAvailable = '55P03';

/** Turns expected failures into errors for users. The transaction was rolled back as a whole. */
function known(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === lockNotAvailable) {
    return new ClvError(
      'CONFLICT',
      'The same records are being written by the load of a file, another batch, or a scoring. Nothing was changed; send it ' +
        'again in a moment.',
      { cause: error },
    );
  }
  if (code === numericValueOutOfRange) {
    return new ClvError(
      'BAD_USER_INPUT',
      'An order, or what a customer bought on one day, adds up to more than can be kept: amounts of 100,000,000,000,000 or ' +
        'more, or over 2,147,483,647 items. Nothing was written. Look for a wrong quantity, price or total.',
      { cause: error },
    );
  }
  if (!isConnectionLost(error)) return error;
  return new ClvError(
    'DATABASE_UNAVAILABLE',
    'The connection to Postgres was lost. Either everything was written or nothing; run the same again.',
    { cause: error },
  );
}

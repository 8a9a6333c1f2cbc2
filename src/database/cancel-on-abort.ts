import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { sessionOf } from './pooler.js';

/** Until it is disposed of, an abort cancels the statement that the connection is running. */
export interface CancelOnAbort extends AsyncDisposable {
  /**
   * Resolves when no cancel is on its way any more. It might otherwise hit a later statement, or the next user of the connection.
   */
  arrived(): Promise<void>;
}

/**
 * Dispose of it before the connection is released.
 * @param connection of the data source's pool, as `QueryRunner.connect` gives it
 */
export async function cancelOnAbort(
  dataSource: DataSource,
  connection: pg.ClientBase,
  signal: AbortSignal | undefined,
): Promise<CancelOnAbort> {
  // Asked of Postgres, since the process id that a pooler gives its clients is made up.
  const session = signal && (await sessionOf(connection));
  let cancelling: Promise<unknown> | undefined;
  const arrived = async (): Promise<void> => void (await cancelling);
  const cancel = (): void => {
    cancelling = dataSource.query('select pg_cancel_backend($1)', [session]).catch(() => undefined);
  };
  signal?.addEventListener('abort', cancel, { once: true });
  return {
    arrived,
    [Symbol.asyncDispose]() {
      signal?.removeEventListener('abort', cancel);
      return arrived();
    },
  };
}

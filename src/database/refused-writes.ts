import type pg from 'pg';

const readOnlyTransaction = '25006';

/**
 * Ends the session in which Postgres has refused a write, once its transaction is over, so that the pool opens another one. A session keeps
 * `default_transaction_read_only` as it was when it began: it would refuse writes long after the database takes them again.
 */
export function endAfterRefusedWrite(client: pg.Client): void {
  let wasRefused = false;
  client.connection.on('errorMessage', ({ code }: { code?: string }) => {
    wasRefused ||= code === readOnlyTransaction;
  });
  client.connection.on('readyForQuery', ({ status }: { status: string }) => {
    if (wasRefused && status === 'I') void client.end();
  });
}

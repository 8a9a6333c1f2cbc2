import pg from 'pg';

const readOnlyTransaction = '25006';

/**
 * Has a pool end the session in which Postgres has refused a write, once it is given back, and open another one. A session keeps
 * `default_transaction_read_only` as it was when it began: it would refuse writes long after the database takes them again.
 */
export function replaceAfterRefusedWrites(pool: pg.Pool): void {
  const watched = new WeakSet<pg.PoolClient>();
  const refused = new WeakSet<pg.PoolClient>();
  pool.on('acquire', (client) => {
    if (watched.has(client) || !(client instanceof pg.Client)) return;
    watched.add(client);
    client.connection.on('errorMessage', ({ code }: { code?: string }) => {
      if (code === readOnlyTransaction) refused.add(client);
    });
  });
  // Before the pool lends it again, which a session that has ended by itself would be too late for.
  pool.on('release', (_, client) => {
    if (refused.has(client)) void client.end();
  });
}

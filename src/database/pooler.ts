import type pg from 'pg';
import type { Obstacle } from './obstacles.js';

/** The answer of pgbouncer to `begin` in statement mode. */
const noTransactions = /transaction blocks not allowed/;

const shared: Obstacle = {
  code: 'DATABASE_UNSUPPORTED',
  found: 'DATABASE_URL leads through a pooler in transaction or statement mode, which loses session locks and LISTEN',
  remedy: 'Connect to Postgres directly, or set the pooler to session mode (pgbouncer: pool_mode = session).',
};

/** The obstacle of a pooler whose clients share sessions of Postgres; null where each has its own. */
export async function findPoolerObstacle(pool: pg.Pool): Promise<Obstacle | null> {
  const client = await pool.connect();
  try {
    const session = await sessionOf(client);
    // Poolers make up a process id, since a client has no fixed process; without a pooler it is the session's.
    if ((client as { readonly processID?: number }).processID === session) return null;
    return (await isLentToAnother(client, session, pool)) ? shared : null;
  } finally {
    client.release();
  }
}

/** Whether the transaction of another client gets the session that this client had, which a pooler must have taken back. */
async function isLentToAnother(client: pg.PoolClient, session: number, pool: pg.Pool): Promise<boolean> {
  const other = await pool.connect();
  try {
    await other.query('begin');
    await sessionOf(other);
    return (await sessionOf(client)) !== session;
  } catch (error) {
    if (error instanceof Error && noTransactions.test(error.message)) return true;
    throw error;
  } finally {
    other.release(true);
  }
}

/** The process of Postgres that executes a client's statements. */
export async function sessionOf(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ session: number }>('select pg_backend_pid() as session');
  return rows[0]!.session;
}

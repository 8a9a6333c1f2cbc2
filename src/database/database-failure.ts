import { ClvError } from '../errors.js';
import { isConnectionLost } from './lost-connection.js';

const limitExceeded = '53400';
const insufficientPrivilege = '42501';
/** Codes of failures that do not go away by waiting. */
const lasting: ReadonlySet<string> = new Set([limitExceeded, insufficientPrivilege]);

/** By error codes of Postgres, https://www.postgresql.org/docs/current/errcodes-appendix.html. */
const reasons: Readonly<Record<string, string>> = {
  '25006': 'Postgres takes no writes now: it is a standby, or was made read-only, as when its disk is full',
  '53100': 'The disk of Postgres is full. Make room there, then do it again',
  '53200': 'Postgres has no memory left. Give it more, or less to do at once, then do it again',
  '53300':
    'Postgres takes no more connections. Raise its max_connections or the limit of the role, or lower CLVGRAPH_WORKERS or CLVGRAPH_DATABASE_POOL',
  [limitExceeded]: 'A limit of Postgres, such as temp_file_limit, is too low for this. Raise it, then do it again',
  [insufficientPrivilege]:
    'The role of DATABASE_URL may not do this. It must own the tables: each month of events gets one of its own',
};

/** Messages of pgbouncer, which has one code for all failures: its connections are all in use, or it takes no more clients. */
const poolerIsFull = /query_wait_timeout|no more connections allowed/;

/** A failure of Postgres itself as an error for users, also through TypeORM; null for anything else. */
export function databaseFailure(cause: unknown): ClvError | null {
  const reason = reasons[codeOf(cause)] ?? reasonOfConnection(cause);
  if (reason === null) return null;
  const message = `${reason}. Whatever was to be written is written whole or not at all.`;
  return new ClvError('DATABASE_UNAVAILABLE', message, { cause });
}

/** Whether a failure may go away by waiting; not if a limit in Postgres's settings is too low, or a privilege is missing. */
export function isOutage(cause: unknown): boolean {
  return !lasting.has(codeOf(cause)) && databaseFailure(cause) !== null;
}

function reasonOfConnection(cause: unknown): string | null {
  if (cause instanceof Error && poolerIsFull.test(cause.message))
    return 'The pooler has no connection to Postgres left. Raise its default_pool_size and max_client_conn, or lower CLVGRAPH_WORKERS or CLVGRAPH_DATABASE_POOL';
  return isConnectionLost(cause) ? 'The database does not answer; try again' : null;
}

function codeOf(cause: unknown): string {
  const { code, driverError } = Object(cause) as { readonly code?: unknown; readonly driverError?: unknown };
  return driverError && driverError !== cause ? codeOf(driverError) : String(code);
}

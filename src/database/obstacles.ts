import { migrations } from '../../migrations/index.js';
import { ClvError } from '../errors.js';
import { type DatabaseState, migrationTable, readMigrations, readState } from './database-state.js';
import type { Queryable } from './queryable.js';

/** As in `server_version_num`. */
const oldestServerVersion = 150_000;
const ownDatabase = `Give clvgraph a database of its own: create database ... encoding 'UTF8' template template0.`;

/** Why clvgraph cannot work in a database. */
export interface Obstacle {
  readonly code: 'DATABASE_UNAVAILABLE' | 'DATABASE_UNSUPPORTED';
  /** What is wrong, without a full stop. */
  readonly found: string;
  readonly remedy: string;
}

/** To be called before anything is created or migrated; writes nothing. Null where there is no obstacle. */
export async function findObstacle(queryable: Queryable): Promise<Obstacle | null> {
  const state = await readState(queryable);
  // Migrations are read after the relations, since another process may be migrating, which creates both in one transaction.
  return obstacleOfServer(state) ?? obstacleOfContent(state, await readMigrations(queryable, state));
}

/** Why the queue cannot be used; some commands, such as `export`, do not need it. Null where it can, or does not exist yet. */
export async function findQueueObstacle(queryable: Queryable): Promise<Obstacle | null> {
  const [closed] = await queryable.query<{ owner: string; user: string }>(
    `select quote_ident(pg_get_userbyid(c.relowner)) as owner, quote_ident(current_user) as user
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'pgboss' and c.relname = 'job'
       and not (has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'insert'))`,
  );
  if (!closed) return null;
  const { owner, user } = closed;
  return {
    code: 'DATABASE_UNAVAILABLE',
    found: `The queue (schema pgboss) belongs to ${owner}, and ${user} may not write to it`,
    remedy: `Have DATABASE_URL name ${owner}, or: grant ${owner} to ${user}.`,
  };
}

/** Number of this version's migrations that a database of an earlier version lacks; 0 for an empty database. */
export async function countPendingMigrations(queryable: Queryable): Promise<number> {
  const made = await readMigrations(queryable, await readState(queryable));
  return made.size === 0 ? 0 : migrations.filter(({ name }) => !made.has(name)).length;
}

/** The obstacle that made a statement fail that creates or migrates something; null for other failures. */
export function obstacleBehind(error: unknown): Obstacle | null {
  const { code, message } = Object(error) as { readonly code?: unknown; readonly message?: unknown };
  switch (code) {
    case '42501': // insufficient_privilege
      return mayNotCreate(`The user of DATABASE_URL lacks a privilege (${String(message)})`, '...', 'that user');
    case '42P07': // duplicate_table
    case '42710': // duplicate_object
    case '42723': // duplicate_function
      return unsupported(`The database has something in clvgraph's place (${String(message)})`, ownDatabase);
    default:
      return null;
  }
}

export function toError({ code, found, remedy }: Obstacle, cause?: unknown): ClvError {
  return new ClvError(code, `${found}. ${remedy}`, { cause });
}

/** The obstacle behind a failure as an error; other failures as they are. */
export function explained(cause: unknown): unknown {
  const obstacle = obstacleBehind(cause);
  return obstacle ? toError(obstacle, cause) : cause;
}

function obstacleOfServer(state: DatabaseState): Obstacle | null {
  const { version, encoding, searchPath, user, database } = state;
  if (state.versionNumber < oldestServerVersion) {
    return unsupported(`Postgres ${version} is too old`, 'Point DATABASE_URL at a Postgres 15 or newer.');
  }
  if (encoding !== 'UTF8') {
    return unsupported(
      `The database's encoding is ${encoding}, which cannot keep every name and text`,
      `Make one that can, and point DATABASE_URL at it: create database ... encoding 'UTF8' template template0.`,
    );
  }
  if (state.isReadOnly) {
    return {
      code: 'DATABASE_UNAVAILABLE',
      found: 'The database is read-only',
      remedy:
        'Point DATABASE_URL at the primary server where this is a standby, make room where its disk is full; else: ' +
        `alter database ${database} reset default_transaction_read_only; alter role ${user} reset default_transaction_read_only.`,
    };
  }
  if (state.unreadableOf !== null) {
    return {
      code: 'DATABASE_UNAVAILABLE',
      found: `The tables belong to ${state.unreadableOf}, and ${user} may not read them`,
      remedy: `Have DATABASE_URL name ${state.unreadableOf}; or, where they come from a backup, restore it as ${user}.`,
    };
  }
  if (!state.seesPublic) {
    return unsupported(
      `Schema public is missing, or not on the search path (${searchPath}), or ${user} may not use it`,
      `alter role ${user} set search_path = public; grant usage, create on schema public to ${user}.`,
    );
  }
  return null;
}

function obstacleOfContent(state: DatabaseState, made: ReadonlySet<string>): Obstacle | null {
  const { relations, user, database } = state;
  const known = migrations.map(({ name }) => name);
  const isOurs = made.has(known[0]!);
  const newer = [...made].find((name) => !known.includes(name));
  if (isOurs && newer !== undefined) {
    return unsupported(
      `The database was made by a newer version of clvgraph (it has the migration ${newer})`,
      'Start that version; to go back to this one, restore a backup from before the upgrade, or point DATABASE_URL at another database.',
    );
  }
  // A first start that was stopped at once leaves an empty table of migrations.
  const foreign = relations.filter((name) => name !== migrationTable || made.size > 0);
  if (!isOurs && foreign.length > 0) {
    return unsupported(`The database has tables of other programs named ${foreign.join(', ')}`, ownDatabase);
  }
  if (!state.mayCreateTables && known.some((name) => !made.has(name))) {
    return mayNotCreate(`${user} may not create tables`, database, user);
  }
  if (!state.mayCreateSchemas && !state.hasQueue) {
    return mayNotCreate(`${user} may not create schemas, and the queue needs one`, database, user);
  }
  return null;
}

function mayNotCreate(found: string, database: string, user: string): Obstacle {
  const remedy =
    `As the owner of the database: grant create on database ${database} to ${user}; ` +
    `grant create on schema public to ${user}. Or make ${user} its owner.`;
  return { code: 'DATABASE_UNAVAILABLE', found, remedy };
}

function unsupported(found: string, remedy: string): Obstacle {
  return { code: 'DATABASE_UNSUPPORTED', found, remedy };
}

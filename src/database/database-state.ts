import { getMetadataArgsStorage } from 'typeorm';
import '../entities/index.js';
import type { Queryable } from './queryable.js';

export const migrationTable = 'migration';

/** What decides whether clvgraph can work in a database. */
export interface DatabaseState {
  readonly versionNumber: number;
  readonly version: string;
  readonly encoding: string;
  readonly isReadOnly: boolean;
  readonly seesPublic: boolean;
  readonly searchPath: string;
  /** Quoted as SQL needs it, like `database`. */
  readonly user: string;
  readonly database: string;
  /** Tables and their types; the latter are in schema public, whatever the search path. */
  readonly mayCreateTables: boolean;
  readonly mayCreateSchemas: boolean;
  readonly hasQueue: boolean;
  /** Owner of the table of migrations, if the user may not read it. Quoted. */
  readonly unreadableOf: string | null;
  /** Relations with the names of clvgraph's tables, in their place. */
  readonly relations: string[];
}

export async function readState(queryable: Queryable): Promise<DatabaseState> {
  const tables = getMetadataArgsStorage().tables.map(({ name }) => name);
  const [state] = await queryable.query<DatabaseState>(
    `select current_setting('server_version_num')::int as "versionNumber",
       current_setting('server_version') as version,
       current_setting('server_encoding') as encoding,
       current_setting('transaction_read_only')::boolean as "isReadOnly",
       'public' = any(current_schemas(false)) as "seesPublic",
       current_setting('search_path') as "searchPath",
       quote_ident(current_user) as "user",
       quote_ident(current_database()) as database,
       coalesce(has_schema_privilege(current_schema(), 'create')
         and has_schema_privilege(to_regnamespace('public'), 'create'), false) as "mayCreateTables",
       has_database_privilege(current_database(), 'create') as "mayCreateSchemas",
       exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'pgboss' and c.relname = 'version') as "hasQueue",
       (select quote_ident(pg_get_userbyid(relowner)) from pg_class
         where oid = to_regclass('${migrationTable}') and not has_table_privilege(oid, 'select')) as "unreadableOf",
       array(select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = current_schema() and c.relname = any($1::text[]) order by 1) as relations`,
    [[...tables, migrationTable]],
  );
  return state!;
}

/** Names of the executed migrations; none if a table of that name is not ours. */
export async function readMigrations(queryable: Queryable, { relations }: DatabaseState): Promise<Set<string>> {
  if (!relations.includes(migrationTable)) return new Set();
  const rows = await queryable.query<{ name: string | null }>(
    `select to_jsonb(m) ->> 'name' as name from ${migrationTable} m`,
  );
  return new Set(rows.flatMap(({ name }) => name ?? []));
}

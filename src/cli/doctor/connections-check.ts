import type pg from 'pg';
import type { Config } from '../../config.js';
import { counted } from '../../text.js';
import { type Finding, warn } from './finding.js';

/** Beside the pool: for LISTEN and the watch over Postgres; of a worker also the queue's own. */
const besidePoolOfApi = 2;
const besidePoolOfWorker = 3;
const ofInference = 2;

type Processes = Pick<Config, 'databasePoolSize' | 'workers'>;

/** Connections that all processes of `clvgraph start` may have open at once. */
export function neededConnections({ databasePoolSize, workers }: Processes): number {
  return databasePoolSize + besidePoolOfApi + ofInference + workers * (databasePoolSize + besidePoolOfWorker);
}

/** Checks that Postgres allows as many connections as the configured processes may open. Null where it does. */
export async function checkConnections(pool: pg.Pool, config: Processes): Promise<Finding | null> {
  const { rows } = await pool.query<{ allowed: number; by: string; remedy: string }>(
    `select * from (
       select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
           - coalesce(current_setting('reserved_connections', true)::int, 0) as allowed,
         'max_connections, less those that are reserved' as by, 'Raise max_connections' as remedy
       union all select rolconnlimit, 'the limit of the role ' || quote_ident(rolname),
         format('alter role %I connection limit ...', rolname)
         from pg_roles where rolname = current_user and rolconnlimit >= 0 and not rolsuper
       union all select datconnlimit, 'the limit of the database ' || quote_ident(datname),
         format('alter database %I connection limit ...', datname)
         from pg_database where datname = current_database() and datconnlimit >= 0
     ) limits order by allowed limit 1`,
  );
  const { allowed, by, remedy } = rows[0]!;
  const needed = neededConnections(config);
  if (allowed >= needed) return null;
  const found = `allows ${counted(allowed, 'connection')} (${by}); clvgraph start with these settings may open ${needed}`;
  return warn(
    'Postgres',
    found,
    `${remedy}, or lower CLVGRAPH_WORKERS or CLVGRAPH_DATABASE_POOL. Commands need some more.`,
  );
}

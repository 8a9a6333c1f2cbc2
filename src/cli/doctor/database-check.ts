import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { Config } from '../../config.js';
import { databaseFailure } from '../../database/database-failure.js';
import { countPendingMigrations, findObstacle, findQueueObstacle, obstacleBehind } from '../../database/obstacles.js';
import { connected } from '../../database/open-database.js';
import { poolOf } from '../../database/pool.js';
import { findPoolerObstacle } from '../../database/pooler.js';
import { accountForPostgres, binariesRemedy, versionOf } from '../../database/postgres-binaries.js';
import { whyUnreachable } from '../../database/unreachable.js';
import { checkConnections } from './connections-check.js';
import { blocking, type Finding, ok, warn } from './finding.js';
import { reasonOf } from '../../errors.js';

const connectTimeoutMs = 5_000;
/** Sorts 16 MB with memory for 64 kB: Postgres writes the rest to temporary files, even if it accepts no other writes. */
const spill = `begin; set local work_mem = '64kB';
  select count(*) from (select repeat(md5(i::text), 32) as text from generate_series(1, 16000) i order by 1 offset 0) s;
  rollback`;

const migrationRemedy = 'The next clvgraph start migrates them: first stop all processes of that version, and back up.';

type CheckedSettings = Pick<Config, 'databaseUrl' | 'databasePoolSize' | 'workers'>;

/** Checks the Postgres of `DATABASE_URL`, or the binaries of the embedded one. It starts and changes nothing. */
export async function checkDatabase(config: CheckedSettings): Promise<Finding> {
  return config.databaseUrl === undefined ? checkEmbedded() : checkServer(config.databaseUrl, config);
}

async function checkServer(url: string, config: CheckedSettings): Promise<Finding> {
  let dataSource: DataSource | undefined;
  try {
    // The URL is read as by `clvgraph start`: node-postgres itself reads some passwords differently, such as one with a bare %.
    dataSource = await connected({ url, poolSize: 2 }, connectTimeoutMs);
    const pool = poolOf(dataSource);
    const obstacle =
      (await findPoolerObstacle(pool)) ?? (await findObstacle(dataSource)) ?? (await findQueueObstacle(dataSource));
    if (obstacle) return blocking('Postgres', obstacle.found, obstacle.remedy);
    const { rows } = await pool.query<{ version: string }>(`select current_setting('server_version') as version`);
    const found = `${rows[0]!.version} at DATABASE_URL`;
    const pending = await countPendingMigrations(dataSource);
    return (
      (await checkRoom(pool)) ??
      (await checkOwner(pool)) ??
      (await checkConnections(pool, config)) ??
      (pending === 0
        ? ok('Postgres', found)
        : warn('Postgres', `${found}; an older version of clvgraph made its tables`, migrationRemedy))
    );
  } catch (error) {
    const obstacle = obstacleBehind(error);
    if (obstacle) return blocking('Postgres', obstacle.found, obstacle.remedy);
    const { found, remedy } = whyUnreachable(error, url);
    return blocking('Postgres', found, remedy);
  } finally {
    await dataSource?.destroy().catch(() => undefined);
  }
}

/** Checks that Postgres has room on its disk. Null where it has. */
async function checkRoom(pool: pg.Pool): Promise<Finding | null> {
  try {
    await pool.query(spill);
    return null;
  } catch (error) {
    if (!databaseFailure(error)) throw error;
    const found = `has no room for temporary files: ${reasonOf(error)}`;
    return blocking('Postgres', found, 'Make room on its disk, or raise the limit that this names.');
  }
}

/** Checks that tables for the events of later months can be made, which only the owner of the others may do. Null where they can. */
async function checkOwner(pool: pg.Pool): Promise<Finding | null> {
  const { rows } = await pool.query<{ owner: string; user: string }>(
    `select quote_ident(pg_get_userbyid(relowner)) as owner, quote_ident(current_user) as user from pg_class
     where oid = to_regclass('behavior_event')
       and not (pg_has_role(relowner, 'usage') and has_schema_privilege(relnamespace, 'create'))`,
  );
  if (!rows[0]) return null;
  const { owner, user } = rows[0];
  const found = `the tables belong to ${owner}, so that ${user} cannot make one for the events of a new month`;
  return warn('Postgres', found, `Have DATABASE_URL name ${owner}, or: grant ${owner} to ${user}.`);
}

async function checkEmbedded(): Promise<Finding> {
  try {
    accountForPostgres();
    return ok('Postgres', `embedded, ${await versionOf()}`);
  } catch (error) {
    return blocking('Postgres', reasonOf(error), binariesRemedy);
  }
}

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Config } from '../../config.js';
import { findObstacle, obstacleBehind } from '../../database/obstacles.js';
import { findPoolerObstacle } from '../../database/pooler.js';
import { accountForPostgres, packagedBinaries } from '../../database/postgres-binaries.js';
import { whyUnreachable } from '../../database/unreachable.js';
import { blocking, type Finding, ok } from './finding.js';
import { reasonOf } from '../../errors.js';

const connectTimeoutMs = 5_000;

/** The Postgres of `DATABASE_URL`, or the binaries of the embedded one. Nothing is started or changed. */
export async function checkDatabase({ databaseUrl }: Pick<Config, 'databaseUrl'>): Promise<Finding> {
  return databaseUrl === undefined ? checkEmbedded() : checkServer(databaseUrl);
}

async function checkServer(url: string): Promise<Finding> {
  const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs, max: 2 });
  pool.on('error', () => undefined);
  try {
    const queryable = {
      query: async <Row>(sql: string, parameters?: unknown[]) => (await pool.query(sql, parameters)).rows as Row[],
    };
    const obstacle = (await findPoolerObstacle(pool)) ?? (await findObstacle(queryable));
    if (obstacle) return blocking('Postgres', obstacle.found, obstacle.remedy);
    const { rows } = await pool.query<{ version: string }>(`select current_setting('server_version') as version`);
    return ok('Postgres', `${rows[0]!.version} at DATABASE_URL`);
  } catch (error) {
    const obstacle = obstacleBehind(error);
    if (obstacle) return blocking('Postgres', obstacle.found, obstacle.remedy);
    const { found, remedy } = whyUnreachable(error);
    return blocking('Postgres', found, remedy);
  } finally {
    await pool.end().catch(() => undefined);
  }
}

async function checkEmbedded(): Promise<Finding> {
  try {
    accountForPostgres();
    const { stdout } = await promisify(execFile)(join(packagedBinaries(), 'bin', 'postgres'), ['--version']);
    return ok('Postgres', `embedded, ${stdout.trim()}`);
  } catch (error) {
    return blocking(
      'Postgres',
      reasonOf(error),
      'Run npm install again, or set DATABASE_URL to a Postgres 15 or newer.',
    );
  }
}

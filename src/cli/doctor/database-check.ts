import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Config } from '../../config.js';
import { oldestServerVersion } from '../../database/open-database.js';
import { accountForPostgres, packagedBinaries } from '../../database/postgres-binaries.js';
import { blocking, type Finding, ok, reasonOf } from './finding.js';

const connectTimeoutMs = 5_000;

/** The Postgres of `DATABASE_URL`, or the binaries of the embedded one. Nothing is started or changed. */
export async function checkDatabase({ databaseUrl }: Pick<Config, 'databaseUrl'>): Promise<Finding> {
  return databaseUrl === undefined ? checkEmbedded() : checkServer(databaseUrl);
}

async function checkServer(url: string): Promise<Finding> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ number: number; name: string }>(
      `select current_setting('server_version_num')::int as number, current_setting('server_version') as name`,
    );
    const { number, name } = rows[0]!;
    return number < oldestServerVersion
      ? blocking('Postgres', `${name}, too old`, 'Point DATABASE_URL at a Postgres 15 or newer.')
      : ok('Postgres', `${name} at DATABASE_URL`);
  } catch (error) {
    return blocking(
      'Postgres',
      `does not answer: ${reasonOf(error)}`,
      'Check that DATABASE_URL names a running server, an existing database and a user that may connect.',
    );
  } finally {
    await client.end().catch(() => undefined);
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

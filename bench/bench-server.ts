import type { DataSource } from 'typeorm';
import { failureStatus, onStopSignal } from '../src/cli/stop-signals.js';
import { createDataSource } from '../src/database/data-source.js';
import { EmbeddedPostgres } from '../src/database/embedded-postgres.js';

/** Names are put into statements as they are. */
export type DatabaseName = string;

/** A Postgres with a benchmark's databases. */
export class BenchServer implements AsyncDisposable {
  private readonly opened: DataSource[];
  private stopSignals: Disposable | undefined;

  private constructor(
    private readonly url: string,
    private readonly admin: DataSource,
    private readonly embedded: EmbeddedPostgres | undefined,
  ) {
    this.opened = [admin];
  }

  /** That of DATABASE_URL, else an embedded one in the folder. */
  static open(folder: string, given = process.env['DATABASE_URL']): Promise<BenchServer> {
    return given === undefined ? this.embedded(folder) : this.at(given);
  }

  /** It keeps its databases between runs. */
  static async embedded(folder: string): Promise<BenchServer> {
    const starting = EmbeddedPostgres.start(folder).then((postgres) => this.at(postgres.url(), postgres));
    const leave = () => starting.then((server) => server.leave());
    const stopSignals = onStopSignal(() => void leave().finally(() => process.exit(failureStatus())));
    const server = await starting;
    server.stopSignals = stopSignals;
    return server;
  }

  private static async at(url: string, embedded?: EmbeddedPostgres): Promise<BenchServer> {
    return new BenchServer(url, await createDataSource({ url, poolSize: 1 }).initialize(), embedded);
  }

  urlOf(name: DatabaseName): string {
    return this.url.replace(/\/[^/?]*(\?|$)/, `/${name}$1`);
  }

  async has(name: DatabaseName): Promise<boolean> {
    const found = await this.admin.query<unknown[]>('select 1 from pg_database where datname = $1', [name]);
    return found.length > 0;
  }

  /** Migrated, also one that an older version made. */
  async connect(name: DatabaseName): Promise<DataSource> {
    const database = createDataSource({ url: this.urlOf(name), poolSize: 8 });
    this.opened.push(database);
    await database.initialize();
    await database.runMigrations();
    return database;
  }

  async drop(name: DatabaseName): Promise<void> {
    await this.admin.query(`drop database if exists ${name} with (force)`);
  }

  /**
   * Makes a database that appears under its name when `fill` is through, never before.
   * @param template to copy; nobody may be connected to it
   */
  async make(
    name: DatabaseName,
    template: DatabaseName | null,
    fill: (database: DataSource) => Promise<void> = async () => undefined,
  ): Promise<void> {
    const unfinished = `${name}_unfinished`;
    await this.drop(unfinished);
    await this.admin.query(`create database ${unfinished}${template ? ` template ${template}` : ''}`);
    const database = await this.connect(unfinished);
    try {
      await fill(database);
    } finally {
      await database.destroy();
    }
    await this.drop(name);
    await this.admin.query(`alter database ${unfinished} rename to ${name}`);
  }

  /** The embedded Postgres outlives whoever is told to stop, and does not stop while anybody is connected. */
  private async leave(): Promise<void> {
    const names = this.opened.map(({ options }) =>
      'applicationName' in options ? options.applicationName : undefined,
    );
    const last = await createDataSource({ url: this.url, poolSize: 1 }).initialize();
    await last.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = any($1)', [
      names,
    ]);
    await last.destroy();
    await this.embedded?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopSignals?.[Symbol.dispose]();
    await this.admin.destroy();
    await this.embedded?.stop();
  }
}

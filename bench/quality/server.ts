import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/database/data-source.js';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';

/** Names are put into statements as they are. */
export type DatabaseName = string;

/** A Postgres with the bench's databases: DATABASE_URL's, or an embedded one that keeps them between runs. */
export class BenchServer implements AsyncDisposable {
  private constructor(
    private readonly url: string,
    private readonly admin: DataSource,
    private readonly embedded: EmbeddedPostgres | undefined,
  ) {}

  static async open(given = process.env['DATABASE_URL']): Promise<BenchServer> {
    const embedded = given === undefined ? await EmbeddedPostgres.start('.clvgraph/bench-quality') : undefined;
    const url = given ?? embedded!.url();
    return new BenchServer(url, await createDataSource({ url, poolSize: 1 }).initialize(), embedded);
  }

  async has(name: DatabaseName): Promise<boolean> {
    const found = await this.admin.query<unknown[]>('select 1 from pg_database where datname = $1', [name]);
    return found.length > 0;
  }

  /** Migrated, also one that an older version made. */
  async connect(name: DatabaseName): Promise<DataSource> {
    const url = this.url.replace(/\/[^/?]*(\?|$)/, `/${name}$1`);
    const database = await createDataSource({ url, poolSize: 4 }).initialize();
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
    fill: (database: DataSource) => Promise<void>,
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

  async [Symbol.asyncDispose](): Promise<void> {
    await this.admin.destroy();
    await this.embedded?.stop();
  }
}

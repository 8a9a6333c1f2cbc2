import type { DataSource } from 'typeorm';
import { createDataSource } from '../../../src/database/data-source.js';
import { EmbeddedPostgres } from '../../../src/database/embedded-postgres.js';

/** A database for each size, on the server of `DATABASE_URL`, or on an embedded one in the work folder. */
export class ScaleServer implements AsyncDisposable {
  private constructor(
    private readonly serverUrl: string,
    private readonly embedded: EmbeddedPostgres | undefined,
  ) {}

  static async start(folder: string): Promise<ScaleServer> {
    const given = process.env['DATABASE_URL'];
    const embedded = given === undefined ? await EmbeddedPostgres.start(folder) : undefined;
    return new ScaleServer(given ?? embedded!.url(), embedded);
  }

  urlOf(customers: number): string {
    return this.serverUrl.replace(/\/[^/?]*(\?|$)/, `/clvgraph_scale_${customers}$1`);
  }

  open(customers: number): Promise<DataSource> {
    return createDataSource({ url: this.urlOf(customers), poolSize: 8 }).initialize();
  }

  /** Migrated and empty, in place of one that is there. */
  async recreate(customers: number): Promise<void> {
    await this.drop(customers);
    await this.onServer(`create database clvgraph_scale_${customers}`);
    const dataSource = await this.open(customers);
    await dataSource.runMigrations().finally(() => dataSource.destroy());
  }

  drop(customers: number): Promise<void> {
    return this.onServer(`drop database if exists clvgraph_scale_${customers} with (force)`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.embedded?.stop();
  }

  private async onServer(sql: string): Promise<void> {
    const server = await createDataSource({ url: this.serverUrl, poolSize: 1 }).initialize();
    await server.query(sql).finally(() => server.destroy());
  }
}

import pg from 'pg';

/**
 * A session whose statements are asked for at the same time: it gets them one after another, which version 9 of pg will demand. One that
 * leaves a statement without an answer is of no use, and is ended.
 */
export class InTurn {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly client: pg.Client) {}

  query<Row extends pg.QueryResultRow>(statement: string, values?: unknown[]): Promise<pg.QueryResult<Row>> {
    const answer = this.last.then(() => this.client.query<Row>(statement, values));
    this.last = answer.catch((error: unknown) => (error instanceof pg.DatabaseError ? undefined : this.end()));
    return answer;
  }

  /** Only a statement notices that the server has vanished. */
  check(): void {
    void this.query('select 1').catch(() => undefined);
  }

  async end(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }
}

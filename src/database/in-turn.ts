import pg from 'pg';

/**
 * A session that is given statements at the same time, and executes them one after another, as version 9 of pg will require. If a statement
 * gets no answer, the session is of no more use and is ended.
 */
export class InTurn {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly client: pg.Client) {}

  query<Row extends pg.QueryResultRow>(statement: string, values?: unknown[]): Promise<pg.QueryResult<Row>> {
    const answer = this.last.then(() => this.client.query<Row>(statement, values));
    this.last = answer.catch((error: unknown) => (error instanceof pg.DatabaseError ? undefined : this.end()));
    return answer;
  }

  /** Sends a statement, since nothing else shows that the server has vanished. */
  check(): void {
    void this.query('select 1').catch(() => undefined);
  }

  async end(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }
}

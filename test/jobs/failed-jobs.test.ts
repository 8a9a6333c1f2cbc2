import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { shardQueue } from '../../src/jobs/queued-job.js';
import { createTestJobs, type TestJobs } from '../support/jobs.js';

describe('a job that fails', () => {
  let jobs: TestJobs;
  beforeAll(async () => void (jobs = await createTestJobs()));
  afterAll(() => jobs[Symbol.asyncDispose]());

  it('keeps why, and none of the values that its statement was given', async () => {
    const { dataSource } = jobs.database;
    // Where the second one fails, Postgres quotes the value, too.
    const statements = ['select 1 / char_length(ltrim($1, $2))', 'select $1::json, $2::text'];
    await jobs.queue.boss.insert(
      shardQueue,
      statements.map((sql) => ({ data: { sql } })),
    );
    await jobs.queue.take<{ sql: string }>(shardQueue, 1, ({ data }) =>
      dataSource.query(data.sql, ['Anna Miller', 'Anna Miller']),
    );

    const output = await vi.waitFor(
      async () => {
        const found = await dataSource.query<unknown[]>('select output from pgboss.job where output is not null');
        expect(found).toHaveLength(2);
        return JSON.stringify(found);
      },
      { timeout: 20_000 },
    );
    expect(output).toContain('division by zero');
    expect(output).toContain('invalid input syntax for type json');
    expect(output).not.toContain('Anna');
  });
});

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { shardQueue } from '../../src/jobs/queued-job.js';
import { createTestJobs, type TestJobs } from '../support/jobs.js';

describe('a job that fails', () => {
  let jobs: TestJobs;
  beforeAll(async () => void (jobs = await createTestJobs()));
  afterAll(() => jobs[Symbol.asyncDispose]());

  it('keeps why, and none of the values that its statement was given', async () => {
    const { dataSource } = jobs.database;
    await jobs.queue.boss.insert(shardQueue, [{ data: {} }]);
    await jobs.queue.take(shardQueue, 1, () =>
      dataSource.query('select 1 / char_length(ltrim($1, $2))', ['Anna Miller', 'Anna Miller']),
    );

    const output = await vi.waitFor(
      async () => {
        const [job] = await dataSource.query<{ output: unknown }[]>('select output from pgboss.job');
        expect(job?.output).toBeTruthy();
        return JSON.stringify(job?.output);
      },
      { timeout: 10_000 },
    );
    expect(output).toContain('division by zero');
    expect(output).not.toContain('Anna');
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openQueue } from '../../src/jobs/open-queue.js';
import { scheduleQueue, shardQueue } from '../../src/jobs/queued-job.js';
import { createTestJobs, silent, type TestJobs } from '../support/jobs.js';

/** pg-boss drops jobs that have waited for two weeks, unless it is told otherwise. */
describe('a job that waits for a worker for months', () => {
  let jobs: TestJobs;
  beforeAll(async () => void (jobs = await createTestJobs()));
  afterAll(() => jobs[Symbol.asyncDispose]());

  const query = <Row>(sql: string) => jobs.database.dataSource.query<Row[]>(sql);

  it('is still there, of a run and of a shard, so that no run waits for nothing', async () => {
    const { id } = await jobs.runs.start('SCORE', {});
    await jobs.database.dataSource.transaction((manager) => jobs.queue.enqueueShards(manager, id, 'score', [{}]));
    await query(
      `update pgboss.job set created_on = created_on - interval '6 months', start_after = start_after - interval '6 months',
         keep_until = keep_until - interval '6 months'`,
    );
    await jobs.queue.boss.supervise();
    expect(await query('select name from pgboss.job order by name')).toEqual([{ name: 'score' }, { name: shardQueue }]);
  });

  it('is kept by queues that an earlier version made, too', async () => {
    await query('update pgboss.queue set retention_seconds = 1209600');
    const opened = await openQueue(jobs.database.dataSource, { logger: silent });
    await opened.close();
    expect(await query('select name from pgboss.queue where retention_seconds = 1209600')).toEqual([
      { name: scheduleQueue },
    ]);
  });
});

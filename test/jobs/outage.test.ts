import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { JobHandler, ShardHandler } from '../../src/jobs/job.js';
import { Lease } from '../../src/jobs/lease.js';
import { shardQueue } from '../../src/jobs/queued-job.js';
import { RunExecution } from '../../src/jobs/run-execution.js';
import { ShardExecution } from '../../src/jobs/shard-execution.js';
import { createTestJobs, silent, type TestJobs } from '../support/jobs.js';

/** As by Postgres whose disk is full. */
const raise = `raise exception 'could not extend file' using errcode = '53100'`;

/** Jobs whose statements Postgres fails, or whose outcome it does not take. */
describe('while the disk of Postgres is full', () => {
  let jobs: TestJobs;
  let lease: Lease;
  beforeAll(async () => {
    jobs = await createTestJobs();
    lease = await Lease.open(jobs.database.dataSource);
    await query(`create function refuse() returns trigger language plpgsql as $$ begin ${raise}; end $$`);
  });
  afterEach(() => query(`delete from pgboss.job`));
  afterAll(async () => {
    await lease.close();
    await jobs[Symbol.asyncDispose]();
  });

  const query = <Row>(sql: string, parameters: unknown[] = []) =>
    jobs.database.dataSource.query<Row[]>(sql, parameters);
  const full = async () => {
    await query(`do $$ begin ${raise}; end $$`);
    return {};
  };

  /** For a second and a half, as of now. */
  async function refuseUpdatesOf(table: string): Promise<void> {
    await query(`create trigger refused before update on ${table} for each row execute function refuse()`);
    void sleep(1_500).then(() => query(`drop trigger refused on ${table}`));
  }

  async function claim(id: string, retryCount: number) {
    await query(
      `update pgboss.job set state = 'active', retry_count = $2, retry_limit = greatest(retry_limit, $2), started_on = now()
       where id = $1`,
      [id, retryCount],
    );
    const { dataSource } = jobs.database;
    const context = { dataSource, config: jobs.config, queue: jobs.queue, lease, logger: silent };
    return { context, taken: { id, retryCount, signal: new AbortController().signal } };
  }

  async function attempt(id: string, retryCount: number, handler: JobHandler): Promise<void> {
    const { context, taken } = await claim(id, retryCount);
    await new RunExecution(context, { ...taken, name: 'evaluate', data: {} }, handler).execute();
  }

  async function attemptShard(retryCount: number, handler: ShardHandler) {
    const run = await jobs.runs.start('EVALUATE', {});
    await jobs.database.dataSource.transaction((manager) =>
      jobs.queue.enqueueShards(manager, run.id, 'squares', [{ from: 1 }]),
    );
    const [shard] = await jobs.queue.shardsOf(run.id, 'squares');
    const { context, taken } = await claim(shard!.id, retryCount);
    const data = { runId: run.id, work: 'squares', index: 0, shard: { from: 1 } };
    await new ShardExecution(context, { ...taken, name: shardQueue, data }, handler).execute();
    return (await jobs.queue.shardsOf(run.id, 'squares'))[0];
  }

  const waits = async (id: string) =>
    (await query<{ waits: boolean }>('select start_after > now() as waits from pgboss.job where id = $1', [id]))[0];

  it('an attempt does not count, and the next waits; after twenty retries each counts', async () => {
    const { id } = await jobs.runs.start('EVALUATE', {});
    for (const retryCount of [0, 1, 2, 3, 19]) {
      await attempt(id, retryCount, full);
      expect(await jobs.runs.get(id)).toMatchObject({ state: 'PENDING', attempts: 0, phase: 'waiting for Postgres' });
      expect(await waits(id)).toEqual({ waits: true });
    }
    for (const retryCount of [20, 21, 22]) await attempt(id, retryCount, full);
    expect(await jobs.runs.get(id)).toMatchObject({
      state: 'FAILED',
      attempts: 3,
      error: { code: 'DATABASE_UNAVAILABLE', message: expect.stringMatching(/^The disk of Postgres is full/) },
    });
  });

  it('a shard goes on, too; in the end its run is told why it did not', async () => {
    for (const retryCount of [2, 19]) {
      const shard = await attemptShard(retryCount, full);
      expect(shard).toMatchObject({ state: 'retry' });
      expect(await waits(shard!.id)).toEqual({ waits: true });
    }
    expect(await attemptShard(20, full)).toMatchObject({
      state: 'completed',
      output: { error: { code: 'DATABASE_UNAVAILABLE', message: expect.stringMatching(/^The disk/) } },
    });
  });

  it('which a limit of the settings is not: that is told at once', async () => {
    const limited: ShardHandler = async () => {
      await query(`do $$ begin raise exception 'too large' using errcode = '53400'; end $$`);
      return {};
    };
    expect(await attemptShard(0, limited)).toMatchObject({
      output: { error: { code: 'DATABASE_UNAVAILABLE', message: expect.stringContaining('temp_file_limit') } },
    });
  });

  it('what a run and a shard have done is written once there is room', async () => {
    const { id } = await jobs.runs.start('EVALUATE', {});
    await refuseUpdatesOf('run');
    await attempt(id, 0, async () => {
      await refuseUpdatesOf('run');
      return { done: true };
    });
    expect(await jobs.runs.get(id)).toMatchObject({ state: 'COMPLETED', attempts: 1, result: { done: true } });
    const shard = await attemptShard(0, async () => {
      await refuseUpdatesOf('pgboss.job');
      return { sum: 1 };
    });
    expect(shard).toMatchObject({ state: 'completed', output: { result: { sum: 1 } } });
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClvError } from '../../src/errors.js';
import type { JobHandler } from '../../src/jobs/job.js';
import { Lease } from '../../src/jobs/lease.js';
import { shardQueue } from '../../src/jobs/queued-job.js';
import { RunExecution } from '../../src/jobs/run-execution.js';
import { ShardExecution } from '../../src/jobs/shard-execution.js';
import { createTestJobs, silent, type TestJobs } from '../support/jobs.js';

/** One attempt in this process, of a job that is claimed as pg-boss does it. */
describe('an attempt of a run', () => {
  let jobs: TestJobs;
  let lease: Lease;
  beforeAll(async () => {
    jobs = await createTestJobs();
    lease = await Lease.open(jobs.database.dataSource);
  });
  afterAll(async () => {
    await lease.close();
    await jobs[Symbol.asyncDispose]();
  });

  const query = <Row>(sql: string, parameters: unknown[]) => jobs.database.dataSource.query<Row[]>(sql, parameters);
  const context = () => ({
    dataSource: jobs.database.dataSource,
    config: jobs.config,
    queue: jobs.queue,
    lease,
    logger: silent,
  });
  const start = async () => (await jobs.runs.start('EVALUATE', {})).id;

  async function attempt(
    id: string,
    handler: JobHandler,
    { retryCount = 0, claimed = 0, claim = new AbortController() } = {},
  ): Promise<void> {
    await query(`update pgboss.job set state = 'active', retry_count = $2, started_on = now() where id = $1`, [
      id,
      claimed,
    ]);
    const taken = { id, name: 'evaluate', retryCount, data: {}, signal: claim.signal };
    const execution = new RunExecution(context(), taken, handler);
    stop = (reason) => execution.stopper.stop(reason);
    await execution.execute();
  }
  let stop: (reason: 'cancel' | 'shutdown') => void = () => undefined;

  /** State of the job, and whether it is to wait before it is taken again. */
  async function job(id: string) {
    const [row] = await query<{ state: string; waits: boolean }>(
      'select state, start_after > now() as waits from pgboss.job where id = $1',
      [id],
    );
    // The next test's job must find the queue free.
    await query(`update pgboss.job set state = 'cancelled' where id = $1`, [id]);
    return row;
  }

  it('ends with its result', async () => {
    const id = await start();
    await attempt(id, async () => ({ done: true }));
    expect(await jobs.runs.get(id)).toMatchObject({ state: 'COMPLETED', attempts: 1, result: { done: true } });
    expect(await job(id)).toMatchObject({ state: 'completed' });
  });

  it('is none where the claim was given to another worker', async () => {
    const id = await start();
    const unwanted = async () => {
      throw new ClvError('CONFLICT', 'it was begun');
    };
    await attempt(id, unwanted, { claimed: 1 });
    expect(await jobs.runs.get(id)).toMatchObject({ state: 'PENDING', attempts: 0 });
    expect(await job(id)).toMatchObject({ state: 'active' });
  });

  it('writes nothing once it has lost its claim', async () => {
    const id = await start();
    const claim = new AbortController();
    await attempt(
      id,
      async () => {
        claim.abort();
        return { late: true };
      },
      { claim },
    );
    expect(await jobs.runs.get(id)).toMatchObject({ state: 'RUNNING', attempts: 1, result: null });
    expect(await job(id)).toMatchObject({ state: 'active' });
  });

  it('is another one where the job was taken from a worker in the middle of it, and begins at nothing', async () => {
    const id = await start();
    const claim = new AbortController();
    await attempt(
      id,
      async (_, { progress }) => {
        await progress.report('halfway', 0.5);
        claim.abort();
        return {};
      },
      { claim },
    );
    expect(await jobs.runs.get(id)).toMatchObject({ state: 'RUNNING', attempts: 1, phase: 'halfway', progress: 0.5 });
    await attempt(id, async () => ({ ...(await jobs.runs.get(id)) }), { retryCount: 1, claimed: 1 });
    const { result, ...run } = await jobs.runs.get(id);
    expect(result).toMatchObject({ state: 'RUNNING', attempts: 2, phase: '', progress: 0 });
    expect(run).toMatchObject({ state: 'COMPLETED', attempts: 2 });
    expect(await job(id)).toMatchObject({ state: 'completed' });
  });

  it('does not begin where its run was to be cancelled while no worker had it', async () => {
    const id = await start();
    await query('update run set cancel_requested_at = now() where id = $1', [id]);
    await attempt(id, async () => ({ done: true }));
    expect(await jobs.runs.get(id)).toMatchObject({ state: 'CANCELLED', result: null });
    expect(await job(id)).toMatchObject({ state: 'completed' });
  });

  it('is cancelled where a shard finds that it is to be, and its own worker missed the notification', async () => {
    const id = await start();
    await attempt(id, async (_, { fanOut, progress }) => {
      const done = fanOut('squares', [{}], progress);
      await query('update run set cancel_requested_at = now() where id = $1', [id]);
      await Promise.all([done, attemptShard(id)]);
      return {};
    });
    expect(await jobs.runs.get(id)).toMatchObject({ state: 'CANCELLED', error: null });
    expect(await job(id)).toMatchObject({ state: 'completed' });
  });

  /** Of the run's only shard, once that is enqueued. */
  async function attemptShard(runId: string): Promise<void> {
    const enqueued = () => jobs.queue.shardsOf(runId, 'squares');
    while ((await enqueued()).length === 0) await sleep(20);
    const [shard] = await enqueued();
    await query(`update pgboss.job set state = 'active', started_on = now() where id = $1`, [shard!.id]);
    const data = { runId, work: 'squares', index: 0, shard: {} };
    const taken = { id: shard!.id, name: shardQueue, retryCount: 0, data, signal: new AbortController().signal };
    await new ShardExecution(context(), taken, async () => ({})).execute();
  }

  it('that fails unexpectedly counts, and the next waits; the third is the last', async () => {
    const id = await start();
    const broken = async () => {
      throw new TypeError('secret of the inside');
    };
    await attempt(id, broken);
    const { startedAt, ...first } = await jobs.runs.get(id);
    expect(first).toMatchObject({ state: 'PENDING', attempts: 1 });
    expect(await job(id)).toEqual({ state: 'retry', waits: true });
    await attempt(id, broken, { retryCount: 1, claimed: 1 });
    expect(await jobs.runs.get(id)).toMatchObject({ state: 'PENDING', attempts: 2 });
    await attempt(id, broken, { retryCount: 2, claimed: 2 });
    expect(await jobs.runs.get(id)).toMatchObject({
      state: 'FAILED',
      attempts: 3,
      error: { code: 'INTERNAL' },
      startedAt,
    });
    expect(await job(id)).toMatchObject({ state: 'completed' });
  });

  it('that the worker’s end interrupts does not count, and the next need not wait', async () => {
    const id = await start();
    await attempt(id, async (_, { signal }) => {
      stop('shutdown');
      signal.throwIfAborted();
      return {};
    });
    expect(await jobs.runs.get(id)).toMatchObject({ state: 'PENDING', attempts: 0 });
    expect(await job(id)).toEqual({ state: 'retry', waits: false });
  });
});

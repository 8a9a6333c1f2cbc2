import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Lease } from '../../src/jobs/lease.js';
import { type JobClaim, shardQueue } from '../../src/jobs/queued-job.js';
import { Reaper } from '../../src/jobs/reaper.js';
import { createTestJobs, silent, type TestJobs } from '../support/jobs.js';

/** The reaper alone: no worker is there, and claims are written as workers leave them. */
describe('the claims of workers that died', () => {
  let jobs: TestJobs;
  let reaper: Reaper;
  beforeAll(async () => void (jobs = await createTestJobs()));
  beforeEach(() => {
    const { database, queue } = jobs;
    reaper = new Reaper({ dataSource: database.dataSource, queue, logger: silent });
  });
  afterAll(() => jobs[Symbol.asyncDispose]());

  const query = <Row>(sql: string, parameters: unknown[]) => jobs.database.dataSource.query<Row[]>(sql, parameters);

  /** As if a worker had begun the job's next attempt, so long ago or so far ahead. */
  async function claim(id: string, name: string, retryCount: number, begun = '-2 seconds'): Promise<JobClaim> {
    await query(
      `update pgboss.job set state = 'active', retry_count = $2, started_on = now() + $3::interval where id = $1`,
      [id, retryCount, begun],
    );
    return { id, name, retryCount };
  }

  /** A run in its first attempt, as its worker left it. */
  async function leftRun({ retryCount = 0, begun = '-2 seconds' } = {}): Promise<string> {
    const { id } = await jobs.runs.start('PREPROCESS', {});
    await query(`update run set state = 'RUNNING', attempts = 1 where id = $1`, [id]);
    await claim(id, 'preprocess', retryCount, begun);
    return id;
  }

  const job = async (id: string) =>
    (await query<{ state: string }>('select state from pgboss.job where id = $1', [id]))[0];
  const end = (id: string) => query(`update pgboss.job set state = 'cancelled' where id = $1`, [id]);

  it('are given back once they were found without a holder twice', async () => {
    const id = await leftRun();
    await reaper.sweep();
    expect(await jobs.runs.get(id)).toMatchObject({ state: 'RUNNING' });
    await reaper.sweep();
    expect(await jobs.runs.get(id)).toMatchObject({ state: 'PENDING', attempts: 1 });
    expect(await job(id)).toEqual({ state: 'retry' });
    await end(id);
  });

  it('are left alone while somebody holds them, was just given them, or has another attempt since', async () => {
    const held = await leftRun();
    const lease = await Lease.open(jobs.database.dataSource);
    await lease.takeOver(held, new AbortController().signal);
    for (let sweeps = 0; sweeps < 3; sweeps++) await reaper.sweep();
    expect(await jobs.runs.get(held)).toMatchObject({ state: 'RUNNING' });
    await lease.close();
    await end(held);

    const fresh = await leftRun({ begun: '1 minute' });
    for (let sweeps = 0; sweeps < 3; sweeps++) await reaper.sweep();
    expect(await jobs.runs.get(fresh)).toMatchObject({ state: 'RUNNING' });
    await end(fresh);

    const retried = await leftRun();
    await reaper.sweep();
    await claim(retried, 'preprocess', 1);
    await reaper.sweep();
    expect(await jobs.runs.get(retried)).toMatchObject({ state: 'RUNNING' });
    await end(retried);
  });

  it('are given back, too, where the clock was set back since they were made', async () => {
    const id = await leftRun({ begun: '1 hour' });
    for (let sweeps = 0; sweeps < 2; sweeps++) await reaper.sweep();
    expect(await jobs.runs.get(id)).toMatchObject({ state: 'PENDING', attempts: 1 });
    await end(id);
  });

  it('are given back where they end their run, too, for what its shards have left, but not for ever', async () => {
    for (const state of ['CANCELLED', 'FAILED']) {
      const id = await leftRun();
      if (state === 'CANCELLED') await jobs.runs.cancel(id);
      else await query('update run set attempts = 3 where id = $1', [id]);
      for (let sweeps = 0; sweeps < 2; sweeps++) await reaper.sweep();
      expect(await jobs.runs.get(id)).toMatchObject({ state });
      expect(await job(id)).toEqual({ state: 'retry' });
      await claim(id, 'preprocess', 1);
      for (let sweeps = 0; sweeps < 2; sweeps++) await reaper.sweep();
      expect(await job(id)).toEqual({ state: 'retry' });
      await claim(id, 'preprocess', 20);
      for (let sweeps = 0; sweeps < 2; sweeps++) await reaper.sweep();
      expect(await job(id)).toEqual({ state: 'completed' });
    }
  });

  it('can be given back as often after a restart of Postgres as before it', async () => {
    const id = await leftRun({ begun: '-10 years' });
    for (let sweeps = 0; sweeps < 2; sweeps++) await reaper.sweep();
    expect(await jobs.runs.get(id)).toMatchObject({ state: 'PENDING', attempts: 0 });
    for (let stops = 1; stops <= 8; stops++) {
      const claimed = await claim(id, 'preprocess', stops);
      await jobs.database.dataSource.transaction((manager) => jobs.queue.retryNow(manager, claimed, 'stopped'));
      expect(await job(id)).toEqual({ state: 'retry' });
    }
    await end(id);
  });

  it('count where a run has seen very many restarts: it may be what brings Postgres down', async () => {
    const id = await leftRun({ retryCount: 20, begun: '-10 years' });
    for (let sweeps = 0; sweeps < 2; sweeps++) await reaper.sweep();
    expect(await jobs.runs.get(id)).toMatchObject({ state: 'PENDING', attempts: 1 });
    expect(await job(id)).toEqual({ state: 'retry' });
    await end(id);
  });

  it('of a shard are its third failure where it died thrice, and none where its worker was told to stop', async () => {
    const { queue, database } = jobs;
    const runId = randomUUID();
    await database.dataSource.transaction((manager) => queue.enqueueShards(manager, runId, 'work', [{}, {}]));
    const [died, stopped] = await queue.shardsOf(runId, 'work');
    await claim(died!.id, shardQueue, 2);
    for (let sweeps = 0; sweeps < 2; sweeps++) await reaper.sweep();
    const claimed = await claim(stopped!.id, shardQueue, 2);
    await database.dataSource.transaction((manager) => queue.handOver(manager, claimed, 'the worker stops'));
    expect((await queue.shardsOf(runId, 'work')).map(({ state }) => state)).toEqual(['failed', 'retry']);
  });

  it('of a shard are no failure where Postgres was restarted', async () => {
    const { queue, database } = jobs;
    const runId = randomUUID();
    await database.dataSource.transaction((manager) => queue.enqueueShards(manager, runId, 'work', [{}]));
    const [shard] = await queue.shardsOf(runId, 'work');
    for (let restarts = 0; restarts < 5; restarts++) {
      await claim(shard!.id, shardQueue, restarts, '-10 years');
      for (let sweeps = 0; sweeps < 2; sweeps++) await reaper.sweep();
      expect(await job(shard!.id)).toEqual({ state: 'retry' });
    }
  });
});

describe('a clock that was set back', () => {
  let jobs: TestJobs;
  beforeAll(async () => void (jobs = await createTestJobs()));
  afterAll(() => jobs[Symbol.asyncDispose]());

  it('keeps neither runs nor schedules waiting until it is where it was', async () => {
    const { database, queue, runs } = jobs;
    const query = <Row>(sql: string) => database.dataSource.query<Row[]>(sql);
    const { id } = await runs.start('PREPROCESS', {});
    const { id: retried } = await runs.start('EVALUATE', {});
    await query(`update pgboss.job set start_after = now() + interval '1 hour' where id in ('${id}', '${retried}')`);
    await query(`update pgboss.job set state = 'retry' where id = '${retried}'`);
    await query(`update pgboss.version set cron_on = now() + interval '1 hour'`);
    await new Reaper({ dataSource: database.dataSource, queue, logger: silent }).sweep();
    const held =
      'select from pgboss.job where start_after > now() union all select from pgboss.version where cron_on > now()';
    expect(await query(held)).toEqual([]);
  });

  it('leaves the pauses before another attempt as they are', async () => {
    const { database, queue, runs } = jobs;
    const { id } = await runs.start('PREPROCESS', {});
    const later = `from pgboss.job where id = '${id}' and start_after > now() + interval '25 seconds'`;
    await database.dataSource.query(
      `update pgboss.job set state = 'retry', start_after = now() + interval '30 seconds' where id = '${id}'`,
    );
    await new Reaper({ dataSource: database.dataSource, queue, logger: silent }).sweep();
    expect(await database.dataSource.query(`select ${later}`)).toHaveLength(1);
  });
});

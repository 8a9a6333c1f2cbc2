import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger, pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../src/entities/index.js';
import { type Supervisor, superviseWorkers } from '../../src/jobs/supervisor.js';
import { type ChildBuild, buildForChildProcesses } from '../support/child-build.js';
import { type TestJobs, createTestJobs, silent, untilSettled } from '../support/jobs.js';
import { checkpointTable, killedTable } from './fixtures/handlers.js';

/** The sessions that hold the lease of a job, in this test's database. */
const leases = `from pg_locks where locktype = 'advisory' and classid = 7342
  and database = (select oid from pg_database where datname = current_database())`;

const sumOfSquares = (n: number) => (n * (n + 1) * (2 * n + 1)) / 6;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function until(condition: () => boolean, limitMs: number): Promise<number> {
  const startedAt = Date.now();
  while (!condition()) {
    if (Date.now() - startedAt > limitMs) throw new Error(`not within ${limitMs} ms`);
    await sleep(20);
  }
  return Date.now() - startedAt;
}

describe('worker processes', () => {
  let jobs: TestJobs;
  let build: ChildBuild;
  let supervisor: Supervisor | undefined;
  beforeAll(async () => {
    [jobs, build] = await Promise.all([createTestJobs(), buildForChildProcesses()]);
    await jobs.database.dataSource.query(`${checkpointTable}; ${killedTable}`);
  });
  afterEach(() => supervisor?.stop());
  afterAll(async () => {
    await jobs[Symbol.asyncDispose]();
  });

  const environment = () => ({
    DATABASE_URL: jobs.database.url,
    CLVGRAPH_LOG_LEVEL: process.env['CLVGRAPH_TEST_LOG'] ?? 'silent',
    CLVGRAPH_DATABASE_POOL: '4',
  });

  async function launch(count: number, options: { mostSilentMs?: number; logger?: Logger } = {}): Promise<Supervisor> {
    const entry = build.module('test/jobs/fixtures/worker-main.ts');
    supervisor = superviseWorkers({ count, logger: silent, environment: environment(), entry, ...options });
    await supervisor.ready;
    return supervisor;
  }

  /** Starts a run of the fixture handler and waits until a worker is in the middle of it. */
  async function midJob(steps: number, stepMs: number): Promise<Run> {
    const { id } = await jobs.runs.start('PREPROCESS', { steps, stepMs });
    for await (const run of jobs.runs.watch(id)) if (run.progress > 0) return run;
    throw new Error('the run ended too soon');
  }

  /** The process that is at the run, which must be the only one that holds a lease. */
  async function holderOf(run: Run, pids: number[]): Promise<number> {
    const { dataSource } = jobs.database;
    expect(await dataSource.query(`select pid ${leases}`)).toHaveLength(1);
    const [checkpoint] = await dataSource.query<{ worker: number }[]>(
      'select worker from checkpoint where run_id = $1',
      [run.id],
    );
    expect(pids).toContain(checkpoint?.worker);
    return checkpoint!.worker;
  }

  it('takes a job up again from its checkpoint when the only worker is killed', async () => {
    const lines: string[] = [];
    const { pids } = await launch(1, { logger: pino({}, { write: (line) => void lines.push(line) }) });
    const run = await midJob(40, 50);
    const [victim] = pids();
    const killedAt = Date.now();
    process.kill(victim!, 'SIGKILL');
    for await (const { attempts } of jobs.runs.watch(run.id)) if (attempts === 2) break;
    expect(Date.now() - killedAt).toBeLessThan(6_000);
    const end = await untilSettled(jobs.runs, run.id);
    expect(end).toMatchObject({ state: 'COMPLETED', attempts: 2, result: { sum: sumOfSquares(40) } });
    expect(end.result!['resumedFrom']).toBeGreaterThan(0);
    expect(pids()).toEqual([end.result!['pid']]);
    expect(JSON.parse(lines.join())).toMatchObject({ pid: process.pid, child: victim, msg: 'worker process ended' });
    // Some programs that collect logs refuse a line with a name that comes twice.
    expect(lines.join().match(/"pid":/g)).toHaveLength(1);
  });

  it('tells changes of values once where the worker is killed in the middle of writing them', async () => {
    const { dataSource } = jobs.database;
    await dataSource.query(
      `with model as (
         insert into model_version (base, strategy, objective, state, scored_as_of, scored_horizon_days)
         values ('built-in', 'FULL', 'ZILN', 'ACTIVE', '2026-01-01', 365) returning id
       ), known as (insert into customer (external_id) select n from generate_series(1, 100) n returning *),
       predicted as (
         insert into prediction (model_id, horizon_days, as_of, customer_id, basis, expected_value,
           purchase_probability, mu, sigma, expected_orders, percentile, facts_changed_at, feature_hash)
         select model.id, 365, '2026-01-01', known.id, 'MODEL', 7, 0.5, 1, 1, 1, 50, facts_changed_at, ''
         from known, model
       )
       insert into clv_change (customer_id, changed_at, value, tier, tier_changed_at)
       select id, now(), 3, 'BRONZE', now() from known`,
    );
    const { pids } = await launch(1);
    const [victim] = pids();
    const reader = dataSource.createQueryRunner();
    await reader.startTransaction();
    await reader.query('select from clv_change where customer_id = 50 for update');
    const { id } = await jobs.runs.start('NOTE_CHANGES', {});
    for await (const { phase } of jobs.runs.watch(id)) if (phase === 'noting changes of values') break;
    process.kill(victim!, 'SIGKILL');
    await reader.rollbackTransaction();
    await reader.release();
    expect(await untilSettled(jobs.runs, id)).toMatchObject({
      state: 'COMPLETED',
      attempts: 2,
      result: { changed: 100 },
    });
    const told = await dataSource.query<unknown[]>(
      'select value, previous_value as before, count(*)::integer as n from clv_change group by 1, 2, changed_at',
    );
    expect(told).toEqual([{ value: 7, before: 3, n: 100 }]);
  });

  it('hands the job of a killed worker to another one within seconds', async () => {
    const { pids } = await launch(2);
    const run = await midJob(60, 50);
    const victim = await holderOf(run, pids());
    const killedAt = Date.now();
    process.kill(victim, 'SIGKILL');
    for await (const { attempts } of jobs.runs.watch(run.id)) if (attempts === 2) break;
    // Under two where the cores are free; a heartbeat that ran out would take a minute.
    expect(Date.now() - killedAt).toBeLessThan(6_000);
    const end = await untilSettled(jobs.runs, run.id);
    expect(end).toMatchObject({ state: 'COMPLETED', attempts: 2, result: { sum: sumOfSquares(60) } });
    expect(end.result!['pid']).not.toBe(victim);
  });

  it('gives up a job that kills its worker three times, and says so', async () => {
    await launch(1);
    const { id } = await jobs.runs.start('SCORE', { kills: 9 });
    const run = await untilSettled(jobs.runs, id);
    expect(run).toMatchObject({ state: 'FAILED', attempts: 3, error: { code: 'INTERNAL' } });
    expect(run.error!.message).toMatch(/died, as where memory runs out, or lost its session in Postgres, 3 times/);
    const next = await jobs.runs.start('SCORE', { kills: 0 });
    expect((await untilSettled(jobs.runs, next.id)).state).toBe('COMPLETED');
  });

  it('counts no attempt that a restart of Postgres ended', async () => {
    const { pids } = await launch(2);
    const run = await midJob(60, 50);
    // As if it had begun before Postgres was started last.
    await jobs.database.dataSource.query(`update pgboss.job set started_on = '2000-01-01' where id = $1`, [run.id]);
    process.kill(await holderOf(run, pids()), 'SIGKILL');
    const end = await untilSettled(jobs.runs, run.id);
    expect(end).toMatchObject({ state: 'COMPLETED', attempts: 1, result: { sum: sumOfSquares(60) } });
    expect(end.result!['resumedFrom']).toBeGreaterThan(0);
  });

  it('counts no attempt for a worker that is told to stop, and hands its job on', async () => {
    const { pids } = await launch(2);
    const run = await midJob(60, 50);
    const holder = await holderOf(run, pids());
    process.kill(holder, 'SIGTERM');
    const end = await untilSettled(jobs.runs, run.id);
    expect(end).toMatchObject({ state: 'COMPLETED', attempts: 1, result: { sum: sumOfSquares(60) } });
    expect(end.result!['pid']).not.toBe(holder);
    expect(end.result!['resumedFrom']).toBeGreaterThan(0);
  });

  it('stops all workers in time, and leaves their jobs pending', async () => {
    const workers = await launch(1);
    const run = await midJob(1_000, 50);
    const [pid] = workers.pids();
    const startedAt = Date.now();
    await workers.stop();
    expect(Date.now() - startedAt).toBeLessThan(3_000);
    expect(isAlive(pid!)).toBe(false);
    expect(await jobs.runs.get(run.id)).toMatchObject({ state: 'PENDING', attempts: 0 });
    expect(await jobs.runs.cancel(run.id)).toMatchObject({ state: 'CANCELLED' });
  });

  it('leaves no worker behind when its parent is killed', async () => {
    const parent: ChildProcess = fork(build.module('test/jobs/fixtures/parent-main.ts'), {
      env: { ...process.env, ...environment() },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const [line] = (await once(parent.stdout!, 'data')) as [Buffer];
    const worker = Number(line.toString());
    expect(isAlive(worker)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive(worker), 3_000);
  });

  it('ends the sessions of a frozen worker whose job the queue has given to another, and its job goes on', async () => {
    const { pids } = await launch(2);
    const run = await midJob(60, 50);
    const frozen = await holderOf(run, pids());
    process.kill(frozen, 'SIGSTOP');
    try {
      // As if its heartbeats had stopped long ago; pg-boss looks for that once a minute.
      await jobs.database.dataSource.transaction((manager) =>
        jobs.queue.retryNow(manager, { id: run.id, name: 'preprocess', retryCount: 0 }, 'no heartbeat'),
      );
      const end = await untilSettled(jobs.runs, run.id);
      expect(end).toMatchObject({ state: 'COMPLETED', attempts: 2, result: { sum: sumOfSquares(60) } });
      expect(end.result!['pid']).not.toBe(frozen);
    } finally {
      process.kill(frozen, 'SIGCONT');
    }
    // Having lost its lease, it ends.
    await until(() => !isAlive(frozen), 5_000);
  }, 60_000);

  it('replaces a worker that is stuck', async () => {
    const { pids } = await launch(1, { mostSilentMs: 15_000 });
    const run = await midJob(60, 50);
    const [stuck] = pids();
    process.kill(stuck!, 'SIGSTOP');
    const end = await untilSettled(jobs.runs, run.id);
    expect(end).toMatchObject({ state: 'COMPLETED', attempts: 2, result: { sum: sumOfSquares(60) } });
    expect(isAlive(stuck!)).toBe(false);
  }, 60_000);

  it('replaces a worker whose session in Postgres was cut, and its job goes on', async () => {
    const { pids } = await launch(1);
    const run = await midJob(40, 50);
    const [before] = pids();
    await jobs.database.dataSource.query(`select pg_terminate_backend(pid) ${leases}`);
    const end = await untilSettled(jobs.runs, run.id);
    expect(end).toMatchObject({ state: 'COMPLETED', attempts: 2, result: { sum: sumOfSquares(40) } });
    expect(end.result!['pid']).not.toBe(before);
  });

  const shard = (from: number, to: number, more: object = {}) => ({ from, to, stepMs: 20, ...more });

  it('shares the shards of a run among all workers', async () => {
    await launch(2);
    const shards = Array.from({ length: 8 }, (_, index) => shard(index * 10 + 1, index * 10 + 10));
    const { id } = await jobs.runs.start('EVALUATE', { shards });
    const progress: number[] = [];
    for await (const run of jobs.runs.watch(id)) progress.push(run.progress);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    const run = await jobs.runs.get(id);
    expect(run).toMatchObject({ state: 'COMPLETED', attempts: 1 });
    const sums = run.result!['sums'] as number[];
    expect(sums).toEqual(shards.map(({ from, to }) => sumOfSquares(to) - sumOfSquares(from - 1)));
    expect(run.result!['pids']).toHaveLength(2);
  });

  it.each([1, 4])('leaves no shard out and takes none twice with %i workers', async (workers) => {
    await launch(workers);
    const shards = Array.from({ length: 24 }, (_, index) => ({ ...shard(index * 5 + 1, index * 5 + 5), stepMs: 1 }));
    const { id } = await jobs.runs.start('EVALUATE', { shards });
    const { result } = await untilSettled(jobs.runs, id);
    expect(result!['sums']).toEqual(shards.map(({ from, to }) => sumOfSquares(to) - sumOfSquares(from - 1)));
    const attempts = await jobs.database.dataSource.query(
      `select count(*)::int as shards, max(retry_count)::int as retries
       from pgboss.job where name = 'score-shard' and data->>'runId' = $1`,
      [id],
    );
    expect(attempts).toEqual([{ shards: 24, retries: 0 }]);
  });

  it('repeats only the shard whose worker was killed', async () => {
    await launch(2);
    const shards = [shard(1, 20), shard(21, 40, { kill: true }), shard(41, 60), shard(61, 80)];
    const { id } = await jobs.runs.start('EVALUATE', { shards });
    const run = await untilSettled(jobs.runs, id);
    expect(run.state).toBe('COMPLETED');
    expect((run.result!['sums'] as number[]).reduce((a, b) => a + b)).toBe(sumOfSquares(80));
    const attempts = await jobs.database.dataSource.query<{ attempts: number }[]>(
      `select retry_count + 1 as attempts from pgboss.job where data->>'runId' = $1 order by (data->>'index')::int`,
      [id],
    );
    expect(attempts[1]).toEqual({ attempts: 2 });
  });

  it('finds the shards of an earlier attempt only for the same work', async () => {
    const runId = randomUUID();
    const { queue, database } = jobs;
    const enqueue = (work: string, shards: object[]) =>
      database.dataSource.transaction((manager) => queue.enqueueShards(manager, runId, work, shards));
    await enqueue('one', [shard(1, 2), shard(3, 4)]);
    await enqueue('one', [shard(1, 4)]);
    await enqueue('other', [shard(1, 4)]);
    expect(await queue.countShards(runId, 'one')).toMatchObject({ total: 2 });
    expect(await queue.countShards(runId, 'other')).toMatchObject({ total: 1 });
    await queue.cancelShards(runId);
    for (const work of ['one', 'other']) {
      const { total, broken } = await queue.countShards(runId, work);
      expect(broken).toBe(total);
    }
  });

  it('fails with the failure of a shard, and cancels the others', async () => {
    await launch(1);
    const shards = [shard(1, 2), shard(3, 4, { fail: 'expected' }), shard(5, 6), shard(7, 8)];
    const { id } = await jobs.runs.start('EVALUATE', { shards });
    expect(await untilSettled(jobs.runs, id)).toMatchObject({
      state: 'FAILED',
      attempts: 1,
      error: { code: 'MODEL_NOT_READY' },
    });
    const open = await jobs.database.dataSource.query(
      `select id from pgboss.job where data->>'runId' = $1 and state < 'completed'`,
      [id],
    );
    expect(open).toEqual([]);
  });

  it('cancels a run that was fanned out within two seconds, shards and all', async () => {
    await launch(2);
    const { id } = await jobs.runs.start('EVALUATE', { shards: [1, 2, 3, 4].map((n) => shard(n, 1_000)) });
    for await (const run of jobs.runs.watch(id)) if (run.phase.includes('shards')) break;
    await sleep(300);
    const askedAt = Date.now();
    await jobs.runs.cancel(id);
    expect(await untilSettled(jobs.runs, id)).toMatchObject({ state: 'CANCELLED' });
    const open = `select id from pgboss.job where data->>'runId' = $1 and state < 'completed'`;
    while ((await jobs.database.dataSource.query<unknown[]>(open, [id])).length > 0) await sleep(50);
    expect(Date.now() - askedAt).toBeLessThan(2_000);
    // The shards that were under way have let go, so that the next run's are taken at once.
    const next = await jobs.runs.start('EVALUATE', { shards: [shard(1, 3)] });
    expect(await untilSettled(jobs.runs, next.id)).toMatchObject({ state: 'COMPLETED', result: { sums: [14] } });
  });
});

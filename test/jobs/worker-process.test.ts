import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../src/entities/index.js';
import { type Supervisor, superviseWorkers } from '../../src/jobs/supervisor.js';
import { type ChildBuild, buildForChildProcesses } from '../support/child-build.js';
import { type TestJobs, createTestJobs, silent } from '../support/jobs.js';
import { checkpointTable } from './fixtures/handlers.js';

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
    await jobs.database.dataSource.query(checkpointTable);
  });
  afterEach(() => supervisor?.stop());
  afterAll(async () => {
    await build[Symbol.asyncDispose]();
    await jobs[Symbol.asyncDispose]();
  });

  const environment = () => ({
    DATABASE_URL: jobs.database.url,
    CLVGRAPH_LOG_LEVEL: process.env['CLVGRAPH_TEST_LOG'] ?? 'silent',
    CLVGRAPH_DATABASE_POOL: '4',
  });

  async function launch(count: number): Promise<Supervisor> {
    const entry = build.module('test/jobs/fixtures/worker-main.ts');
    supervisor = superviseWorkers({ count, logger: silent, environment: environment(), entry });
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
    const { pids } = await launch(1);
    const run = await midJob(40, 50);
    const [victim] = pids();
    const killedAt = Date.now();
    process.kill(victim!, 'SIGKILL');
    for await (const { attempts } of jobs.runs.watch(run.id)) if (attempts === 2) break;
    expect(Date.now() - killedAt).toBeLessThan(6_000);
    const end = await jobs.runs.settled(run.id);
    expect(end).toMatchObject({ state: 'COMPLETED', attempts: 2, result: { sum: sumOfSquares(40) } });
    expect(end.result!['resumedFrom']).toBeGreaterThan(0);
    expect(pids()).toEqual([end.result!['pid']]);
  });

  it('hands the job of a killed worker to another one within two seconds', async () => {
    const { pids } = await launch(2);
    const run = await midJob(60, 50);
    const victim = await holderOf(run, pids());
    const killedAt = Date.now();
    process.kill(victim, 'SIGKILL');
    for await (const { attempts } of jobs.runs.watch(run.id)) if (attempts === 2) break;
    expect(Date.now() - killedAt).toBeLessThan(2_000);
    const end = await jobs.runs.settled(run.id);
    expect(end).toMatchObject({ state: 'COMPLETED', attempts: 2, result: { sum: sumOfSquares(60) } });
    expect(end.result!['pid']).not.toBe(victim);
  });

  it('gives up a job that kills its worker three times, and says so', async () => {
    await launch(1);
    const { id } = await jobs.runs.start('SCORE', { kills: 9 });
    const run = await jobs.runs.settled(id);
    expect(run).toMatchObject({ state: 'FAILED', attempts: 3, error: { code: 'INTERNAL' } });
    expect(run.error!.message).toMatch(/died 3 times/);
    const next = await jobs.runs.start('SCORE', { kills: 0 });
    expect((await jobs.runs.settled(next.id)).state).toBe('COMPLETED');
  });

  it('counts no attempt for a worker that is told to stop, and hands its job on', async () => {
    const { pids } = await launch(2);
    const run = await midJob(60, 50);
    const holder = await holderOf(run, pids());
    process.kill(holder, 'SIGTERM');
    const end = await jobs.runs.settled(run.id);
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

  it('replaces a worker whose session in Postgres was cut, and its job goes on', async () => {
    const { pids } = await launch(1);
    const run = await midJob(40, 50);
    const [before] = pids();
    await jobs.database.dataSource.query(`select pg_terminate_backend(pid) ${leases}`);
    const end = await jobs.runs.settled(run.id);
    expect(end).toMatchObject({ state: 'COMPLETED', attempts: 2, result: { sum: sumOfSquares(40) } });
    expect(end.result!['pid']).not.toBe(before);
  });
});

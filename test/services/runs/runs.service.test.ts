import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ModelArtifact, ModelVersion, Run } from '../../../src/entities/index.js';
import { type Worker, startWorker } from '../../../src/jobs/worker.js';
import { changeRun, endAttempt, writeProgress } from '../../../src/services/runs/run-transitions.js';
import { checkpointTable, handlers } from '../../jobs/fixtures/handlers.js';
import { type TestJobs, createTestJobs, silent, untilSettled } from '../../support/jobs.js';
import { listeningSessions } from '../../support/listening.js';
import { untilLocked } from '../../support/waiting.js';

describe('runs, with no worker', () => {
  let jobs: TestJobs;
  beforeAll(async () => void (jobs = await createTestJobs()));
  afterAll(() => jobs[Symbol.asyncDispose]());

  it('leaves neither run nor job where the transaction rolls back', async () => {
    const { dataSource } = jobs.database;
    const failure = dataSource.transaction(async (manager) => {
      const run = await manager.save(manager.create(Run, { kind: 'PREPROCESS', input: {} }));
      await jobs.queue.enqueue(manager, run);
      const [inside] = await manager.query<{ count: string }[]>('select count(*) from pgboss.job where id = $1', [
        run.id,
      ]);
      expect(inside?.count).toBe('1');
      throw new Error('rolled back');
    });
    await expect(failure).rejects.toThrow('rolled back');
    expect(
      await dataSource.query(
        `select (select count(*) from run) as runs, (select count(*) from pgboss.job where name = 'preprocess') as jobs`,
      ),
    ).toEqual([{ runs: '0', jobs: '0' }]);
  });

  it('cancels a pending run at once, and its job with it', async () => {
    const { id } = await jobs.runs.start('PREPROCESS', { steps: 1 });
    const cancelled = await jobs.runs.cancel(id);
    expect(cancelled).toMatchObject({ state: 'CANCELLED', attempts: 0, startedAt: null });
    expect(cancelled.settledAt).toBeInstanceOf(Date);
    expect(cancelled.cancelRequestedAt).toEqual(cancelled.settledAt);
    expect(await jobs.database.dataSource.query('select state from pgboss.job where id = $1', [id])).toEqual([
      { state: 'cancelled' },
    ]);
    expect(await jobs.runs.cancel(id)).toEqual(cancelled);
  });

  it('says what is wrong with an id or a cursor', async () => {
    const unknown = '00000000-0000-4000-8000-000000000000';
    await expect(jobs.runs.get(unknown)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(jobs.runs.cancel(unknown)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(jobs.runs.watch(unknown).next()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(jobs.runs.page({ first: 1, after: 'x' })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  it('lists newest first, page by page, with no run twice', async () => {
    const started: string[] = [];
    for (let index = 0; index < 5; index++) started.unshift((await jobs.runs.start('EVALUATE', { index })).id);
    const first = await jobs.runs.page({ first: 2 }, { kind: 'EVALUATE' });
    const second = await jobs.runs.page({ first: 3, after: first.pageInfo.endCursor }, { kind: 'EVALUATE' });
    expect([...first.edges, ...second.edges].map(({ node }) => node.id)).toEqual(started);
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
    const cancelled = await jobs.runs.page({ first: 3 }, { kind: 'EVALUATE', state: 'CANCELLED' });
    expect(cancelled.edges).toEqual([]);
  });

  it('finds a run that was begun before by its input, unless it was cancelled', async () => {
    const find = (input: Record<string, unknown>) => jobs.runs.findBegun('EVALUATE', input);
    expect(await find({ steps: 77 })).toBeNull();
    const older = await jobs.runs.start('EVALUATE', { steps: 77, options: { rows: 4 } });
    const newer = await jobs.runs.start('EVALUATE', { steps: 77, options: { rows: 5 } });
    expect(await find({ options: { rows: 4 } })).toMatchObject({ id: older.id });
    expect(await find({ steps: 77 })).toMatchObject({ id: newer.id });
    expect(await find({ steps: 78 })).toBeNull();
    await jobs.runs.cancel(newer.id);
    expect(await find({ steps: 77 })).toMatchObject({ id: older.id });
    await jobs.runs.cancel(older.id);
  });

  it('starts no second run of a kind where one is active, or is being started', async () => {
    const { dataSource } = jobs.database;
    const start = () => jobs.runs.startUnlessActive('SCORE', {});
    let started: Promise<(Run | null)[]> | undefined;
    await dataSource.transaction(async (manager) => {
      await manager.query('lock table run in share mode');
      started = Promise.all([start(), start()]);
      await untilLocked(dataSource, 2);
    });
    const [run, ...others] = (await started!).filter((run) => run !== null);
    expect(run).toMatchObject({ kind: 'SCORE', state: 'PENDING' });
    expect(others).toEqual([]);
    expect(await start()).toBeNull();
    await dataSource.manager.update(Run, run!.id, { state: 'RUNNING' });
    expect(await start()).toBeNull();
    await dataSource.manager.update(Run, run!.id, { state: 'FAILED' });
    const next = await start();
    expect(next).toMatchObject({ state: 'PENDING' });
    await jobs.runs.cancel(next!.id);
  });

  it('hears nothing more of an attempt once there is a later one', async () => {
    const { manager } = jobs.database.dataSource;
    const { id } = await jobs.runs.start('PREPROCESS', {});
    await manager.update(Run, id, { state: 'RUNNING', attempts: 2, phase: 'second' });
    await writeProgress(manager, { id, attempts: 1 }, 'first', 0.9);
    await endAttempt(manager, { id, attempts: 1 }, { state: 'COMPLETED', result: null });
    expect(await jobs.runs.get(id)).toMatchObject({ state: 'RUNNING', phase: 'second', progress: 0 });
    await writeProgress(manager, { id, attempts: 2 }, 'second', 0.5);
    await endAttempt(manager, { id, attempts: 2 }, { state: 'COMPLETED', result: null });
    expect(await jobs.runs.get(id)).toMatchObject({ state: 'COMPLETED' });
  });

  it('stays as it has ended, whatever its last attempt tells later', async () => {
    const { manager } = jobs.database.dataSource;
    const { id } = await jobs.runs.start('PREPROCESS', {});
    await manager.update(Run, id, { state: 'CANCELLED', attempts: 1, settledAt: new Date() });
    const ended = await jobs.runs.get(id);
    await writeProgress(manager, { id, attempts: 1 }, 'late', 0.9);
    await endAttempt(manager, { id, attempts: 1 }, { state: 'COMPLETED', result: { late: true } });
    expect(await jobs.runs.get(id)).toEqual(ended);
  });

  it('was to be cancelled when that was asked for first, however often it is asked for', async () => {
    const { id } = await jobs.runs.start('PREPROCESS', {});
    await jobs.database.dataSource.manager.update(Run, id, { state: 'RUNNING', attempts: 1 });
    const { cancelRequestedAt } = await jobs.runs.cancel(id);
    expect(cancelRequestedAt).toBeInstanceOf(Date);
    expect(await jobs.runs.cancel(id)).toMatchObject({ state: 'RUNNING', cancelRequestedAt });
  });

  it('is cut into shards once, though a later attempt cuts it anew', async () => {
    const { id } = await jobs.runs.start('PREPROCESS', {});
    for (let attempt = 1; attempt <= 2; attempt++) {
      await jobs.database.dataSource.transaction((manager) =>
        jobs.queue.enqueueShards(manager, id, 'scoring', [{ first: 1 }, { first: 2 }]),
      );
    }
    expect(await jobs.queue.countShards(id, 'scoring')).toMatchObject({ total: 2 });
  });

  it('is read once for all who watch it, at the beginning and after each change', async () => {
    const { id } = await jobs.runs.start('PREPROCESS', {});
    const watches = Array.from({ length: 20 }, () => jobs.runs.watch(id));
    const next = () => Promise.all(watches.map((watch) => watch.next()));
    const reads = vi.spyOn(jobs.runs, 'get');
    await next();
    expect(reads).toHaveBeenCalledOnce();
    reads.mockClear();
    const told = next();
    await sleep(50);
    await changeRun(jobs.database.dataSource.manager, { id }, { phase: 'changed' });
    expect((await told).map(({ value }) => value?.phase)).toEqual(watches.map(() => 'changed'));
    expect(reads).toHaveBeenCalledOnce();
    reads.mockRestore();
    await jobs.runs.cancel(id);
    expect((await next()).map(({ value }) => value?.state)).toEqual(watches.map(() => 'CANCELLED'));
  });

  it('ends a watch that waits for a change as soon as its reader leaves', async () => {
    const { id } = await jobs.runs.start('PREPROCESS', {});
    const watch = jobs.runs.watch(id);
    expect((await watch.next()).value).toMatchObject({ id, state: 'PENDING' });
    const waiting = watch.next();
    await sleep(50);
    await watch.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});

describe('runs, with a worker', () => {
  let jobs: TestJobs;
  let worker: Worker;
  beforeAll(async () => {
    jobs = await createTestJobs();
    await jobs.database.dataSource.query(checkpointTable);
    worker = await startWorker({ ...jobs, dataSource: jobs.database.dataSource, handlers, logger: silent });
  });
  afterAll(async () => {
    await worker.stop();
    await jobs[Symbol.asyncDispose]();
  });

  it('executes a run and records its result', async () => {
    const { id } = await jobs.runs.start('PREPROCESS', { steps: 3, stepMs: 1 });
    const run = await untilSettled(jobs.runs, id);
    expect(run).toMatchObject({ state: 'COMPLETED', progress: 1, attempts: 1, result: { sum: 14, resumedFrom: 0 } });
    const [job] = await jobs.database.dataSource.query('select state from pgboss.job where id = $1', [id]);
    expect(job).toEqual({ state: 'completed' });
  });

  it('shows a watcher monotone progress, at most four writes a second, and the end', async () => {
    const startedAt = Date.now();
    const { id } = await jobs.runs.start('PREPROCESS', { steps: 60, stepMs: 20 });
    const seen: Run[] = [];
    for await (const run of jobs.runs.watch(id)) seen.push(run);
    const seconds = (Date.now() - startedAt) / 1000;
    const progress = seen.map((run) => run.progress);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(seen.at(-1)).toMatchObject({ state: 'COMPLETED', progress: 1 });
    const written = seen.filter((run) => run.state === 'RUNNING' && run.progress > 0);
    expect(written.length).toBeGreaterThanOrEqual(3);
    expect(written.length).toBeLessThanOrEqual(4 * seconds + 2);
  });

  it('lets a late watcher see the end of a run that has settled', async () => {
    const { id } = await jobs.runs.start('PREPROCESS', { steps: 1, stepMs: 1 });
    await untilSettled(jobs.runs, id);
    const states: string[] = [];
    for await (const run of jobs.runs.watch(id)) states.push(run.state);
    expect(states).toEqual(['COMPLETED']);
  });

  it('executes runs of one kind one after the other, in order', async () => {
    const [first, second] = [
      await jobs.runs.start('PREPROCESS', { steps: 20, stepMs: 20 }),
      await jobs.runs.start('PREPROCESS', { steps: 1, stepMs: 1 }),
    ];
    for await (const run of jobs.runs.watch(first.id)) if (run.state === 'RUNNING') break;
    expect(await jobs.runs.get(second.id)).toMatchObject({ state: 'PENDING', attempts: 0 });
    const [firstEnd, secondEnd] = await Promise.all([
      untilSettled(jobs.runs, first.id),
      untilSettled(jobs.runs, second.id),
    ]);
    expect([firstEnd.state, secondEnd.state]).toEqual(['COMPLETED', 'COMPLETED']);
    expect(secondEnd.startedAt!.getTime()).toBeGreaterThanOrEqual(firstEnd.settledAt!.getTime());
  });

  it('cancels a running run within two seconds and goes on with the next', async () => {
    const { id } = await jobs.runs.start('PREPROCESS', { steps: 1_000, stepMs: 100 });
    for await (const run of jobs.runs.watch(id)) if (run.progress > 0) break;
    const askedAt = Date.now();
    const { cancelRequestedAt } = await jobs.runs.cancel(id);
    expect(cancelRequestedAt).toBeInstanceOf(Date);
    expect(await jobs.runs.cancel(id)).toMatchObject({ cancelRequestedAt });
    expect(await untilSettled(jobs.runs, id)).toMatchObject({ state: 'CANCELLED', attempts: 1 });
    expect(Date.now() - askedAt).toBeLessThan(2_000);
    const next = await jobs.runs.start('PREPROCESS', { steps: 1, stepMs: 1 });
    expect((await untilSettled(jobs.runs, next.id)).state).toBe('COMPLETED');
    await expect(jobs.runs.cancel(next.id)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('cancels, and tells its watcher, though the request fell into a gap of the LISTEN connections', async () => {
    const { id } = await jobs.runs.start('PREPROCESS', { steps: 1_000, stepMs: 100 });
    for await (const run of jobs.runs.watch(id)) if (run.progress > 0) break;
    const end = untilSettled(jobs.runs, id);
    await sleep(50);
    const cut = await jobs.database.dataSource.query<unknown[]>(
      `select pg_terminate_backend(pid) from ${listeningSessions}`,
    );
    expect(cut).toHaveLength(2);
    await jobs.runs.cancel(id);
    expect(await end).toMatchObject({ state: 'CANCELLED' });
  });

  it('fails at once, with code and message, for a failure that is expected', async () => {
    const { id } = await jobs.runs.start('FINE_TUNE', { failures: 9, expected: true });
    expect(await untilSettled(jobs.runs, id)).toMatchObject({
      state: 'FAILED',
      attempts: 1,
      error: { code: 'SNAPSHOT_EMPTY', message: 'No customer is left; choose a later as-of date.' },
    });
  });

  it('tries again after an unexpected error', async () => {
    const { id } = await jobs.runs.start('FINE_TUNE', { failures: 1 });
    expect(await untilSettled(jobs.runs, id)).toMatchObject({
      state: 'COMPLETED',
      result: { attempts: 2 },
      error: null,
    });
  });

  /** As a handler leaves it that stops in the middle of a training. */
  async function beginTraining(runId: string): Promise<string> {
    const { manager } = jobs.database.dataSource;
    const training = { runId, base: 'built-in', strategy: 'FULL', objective: 'ZILN' } as const;
    const { id } = await manager.save(manager.create(ModelVersion, training));
    await manager.insert(ModelArtifact, { modelId: id, kind: 'CHECKPOINT', sha256: '', content: Buffer.from('w') });
    return id;
  }

  async function stateAndArtifacts(id: string): Promise<[string, number]> {
    const { manager } = jobs.database.dataSource;
    const { state } = await manager.findOneByOrFail(ModelVersion, { id });
    return [state, await manager.countBy(ModelArtifact, { modelId: id })];
  }

  it('leaves no model in training once the last attempt has failed, and no word of why; a checkpoint until then', async () => {
    const { id } = await jobs.runs.start('FINE_TUNE', { failures: 9 });
    const model = await beginTraining(id);
    for await (const { attempts } of jobs.runs.watch(id)) if (attempts === 2) break;
    expect(await stateAndArtifacts(model)).toEqual(['TRAINING', 1]);
    const { state, attempts, error } = await untilSettled(jobs.runs, id);
    expect({ state, attempts, code: error?.code }).toEqual({ state: 'FAILED', attempts: 3, code: 'INTERNAL' });
    expect(error!.message).not.toContain('secret');
    expect(await stateAndArtifacts(model)).toEqual(['FAILED', 0]);
  });

  it('leaves no model in training where a run is cancelled between two attempts, and one that it has trained', async () => {
    const { id } = await jobs.runs.start('FINE_TUNE', { failures: 9 });
    const [model, trained] = [await beginTraining(id), await beginTraining(id)];
    await jobs.database.dataSource.manager.update(ModelVersion, trained, { state: 'CANDIDATE' });
    for await (const { state, attempts } of jobs.runs.watch(id)) if (state === 'PENDING' && attempts > 0) break;
    expect(await jobs.runs.cancel(id)).toMatchObject({ state: 'CANCELLED' });
    expect(await stateAndArtifacts(model)).toEqual(['FAILED', 0]);
    expect(await stateAndArtifacts(trained)).toEqual(['CANDIDATE', 1]);
  });
});

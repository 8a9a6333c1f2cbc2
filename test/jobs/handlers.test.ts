import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { dayMs } from '../../src/days.js';
import {
  AuditEntry,
  DriftReport,
  ModelVersion,
  Prediction,
  Run,
  type RunKind,
  Snapshot,
} from '../../src/entities/index.js';
import { type Supervisor, superviseWorkers } from '../../src/jobs/supervisor.js';
import { globalId } from '../../src/schema/global-id.js';
import { generateDemoShop } from '../../src/services/demo/demo-shop.service.js';
import type { ComparisonReport } from '../../src/services/models/model-comparison.service.js';
import { ModelsService } from '../../src/services/models/models.service.js';
import type { ServingBundle } from '../../src/services/models/serving-bundle.js';
import { type ChildBuild, buildForChildProcesses } from '../support/child-build.js';
import { type TestJobs, createTestJobs, silent, untilSettled } from '../support/jobs.js';

// Training takes its time where other tests use the cores, too.
vi.setConfig({ testTimeout: 300_000 });

/** The real handlers in a real worker process, on a small synthetic shop. Each test goes on from the one before. */
describe('the handlers of the runs', () => {
  let jobs: TestJobs;
  let build: ChildBuild;
  let workers: Supervisor;
  let snapshotId: string;
  let modelId: string;
  const asOf = '2025-07-01T00:00:00.000Z';
  const horizonDays = 180;
  /** Enough to train on, and few enough for a test. */
  const maxTrainingRows = 800;

  beforeAll(async () => {
    [jobs, build] = await Promise.all([createTestJobs(), buildForChildProcesses()]);
    await generateDemoShop(jobs.database.dataSource, { customers: 600, seed: 5, until: new Date('2026-01-01') });
    // Models 1 and 2, which wrong inputs name.
    await jobs.database.dataSource.query(
      `insert into model_version (base, strategy, objective, state)
       select 'built-in', 'FULL', 'ZILN', 'FAILED' from generate_series(1, 2)`,
    );
    const environment = {
      DATABASE_URL: jobs.database.url,
      CLVGRAPH_LOG_LEVEL: process.env['CLVGRAPH_TEST_LOG'] ?? 'silent',
      CLVGRAPH_DEVICE: 'cpu',
      CLVGRAPH_THREADS: '1',
      CLVGRAPH_HORIZON_DAYS: String(horizonDays),
    };
    workers = superviseWorkers({
      count: 1,
      logger: silent,
      environment,
      entry: build.module('src/jobs/worker-main.ts'),
    });
    await workers.ready;
  });
  afterAll(async () => {
    await workers.stop();
    await jobs[Symbol.asyncDispose]();
  });

  async function settled(kind: RunKind, input: object): Promise<Run> {
    const { id } = await jobs.runs.start(kind, input);
    return untilSettled(jobs.runs, id);
  }

  const manager = () => jobs.database.dataSource.manager;

  it.each<[RunKind, object, string]>([
    ['PREPROCESS', { horizonDays: 0 }, 'horizonDays'],
    ['FINE_TUNE', { snapshotId: 1 }, 'snapshotId'],
    ['EVALUATE', { modelId: '1', asOf: 'yesterday', horizonDays }, 'asOf'],
    ['COMPARE', { modelId: '1', againstId: '2', asOf }, 'asOf and horizonDays go together'],
    ['RETRAIN', { onlyIf: {} }, 'onlyIf'],
  ])('%s says what is wrong with its input', async (kind, input, field) => {
    const run = await settled(kind, input);
    expect(run).toMatchObject({ state: 'FAILED', attempts: 1, error: { code: 'BAD_USER_INPUT' } });
    expect(run.error?.message).toContain(field);
  });

  it('SCORE says that there is no model yet', async () => {
    expect(await settled('SCORE', {})).toMatchObject({ state: 'FAILED', error: { code: 'MODEL_NOT_READY' } });
  });

  it('PREPROCESS makes the snapshot of the run', async () => {
    const run = await settled('PREPROCESS', { asOf, horizonDays, options: { maxTrainingRows } });
    expect(run).toMatchObject({ state: 'COMPLETED', error: null });
    snapshotId = run.result!['snapshotId'] as string;
    const snapshot = await manager().findOneByOrFail(Snapshot, { id: snapshotId });
    expect(snapshot).toMatchObject({ runId: run.id, asOf: new Date(asOf), horizonDays });
  });

  it('FINE_TUNE goes on from the last epoch when its worker is killed', async () => {
    const { id } = await jobs.runs.start('FINE_TUNE', { snapshotId, epochs: 2, batchSize: 64, seed: 1 });
    const checkpoint = `select 1 from model_artifact a join model_version m on m.id = a.model_id
      where m.run_id = $1 and a.kind = 'CHECKPOINT'`;
    for await (const { state } of jobs.runs.watch(id)) {
      if (state !== 'RUNNING' && state !== 'PENDING') break;
      if ((await jobs.database.dataSource.query<unknown[]>(checkpoint, [id])).length > 0) break;
    }
    process.kill(workers.pids()[0]!, 'SIGKILL');
    const run = await untilSettled(jobs.runs, id);
    expect(run).toMatchObject({ state: 'COMPLETED', attempts: 2, error: null });
    modelId = run.result!['modelId'] as string;
    expect(await manager().findBy(ModelVersion, { runId: id })).toMatchObject([{ id: modelId, state: 'CANDIDATE' }]);
    const { metrics } = await manager().findOneByOrFail(ModelVersion, { id: modelId });
    const { windows } = await manager().findOneByOrFail(Snapshot, { id: snapshotId });
    const learnt = Math.max(...(windows as { horizonDays: number }[]).map((window) => window.horizonDays));
    expect(metrics['horizons']).toEqual({ asked: horizonDays, learnt });
  });

  it('FINE_TUNE from a checkpoint that is not there fails at once, and its model with it', async () => {
    const { id } = await jobs.runs.start('FINE_TUNE', { snapshotId, base: './no-such-folder' });
    const run = await untilSettled(jobs.runs, id);
    expect(run).toMatchObject({ state: 'FAILED', attempts: 1, error: { code: 'CHECKPOINT_INVALID' } });
    expect(await manager().findBy(ModelVersion, { runId: id })).toMatchObject([{ state: 'FAILED' }]);
  });

  it('SCORE predicts for every customer who has bought', async () => {
    await new ModelsService(jobs.database.dataSource).promote(modelId);
    const run = await settled('SCORE', { asOf });
    const drift = { state: expect.any(String), score: expect.any(Number) };
    expect(run).toMatchObject({ state: 'COMPLETED', result: { modelId, horizonDays, asOf, drift, isListed: true } });
    const buyers = await jobs.database.dataSource.query<[{ count: number }]>(
      'select count(distinct customer_id)::int as count from purchase_day where day < $1 and net > 0',
      [asOf],
    );
    expect(run.result!['customers']).toBe(buyers[0].count);
    expect(await manager().countBy(Prediction, { modelId })).toBe(buyers[0].count);
    const model = await manager().findOneByOrFail(ModelVersion, { id: modelId });
    expect(model).toMatchObject({ scoredAsOf: new Date(asOf), scoredHorizonDays: horizonDays });
  });

  it('SCORE of a date before anybody bought says so, and the last scoring stays', async () => {
    const run = await settled('SCORE', { asOf: '2000-01-01T00:00:00.000Z' });
    expect(run).toMatchObject({ state: 'FAILED', error: { code: 'INSUFFICIENT_DATA' } });
    const model = await manager().findOneByOrFail(ModelVersion, { id: modelId });
    expect(model.scoredAsOf).toEqual(new Date(asOf));
  });

  it('SCORE leaves its drift, and what came of the predictions whose horizons are over', async () => {
    const [report] = await manager().findBy(DriftReport, { modelId });
    expect(report).toMatchObject({ asOf: new Date(asOf), horizonDays });
    // The data go on for 184 days.
    expect(report!.realised).toMatchObject([30, 90, 180].map((days) => ({ horizonDays: days, sawLabels: false })));
  });

  it('EVALUATE compares a model with what happened', async () => {
    const run = await settled('EVALUATE', { modelId, asOf, horizonDays });
    expect(run).toMatchObject({ state: 'COMPLETED', result: { modelId, isHoldout: true, report: { horizonDays } } });
    const holdout = async () => (await manager().findOneByOrFail(ModelVersion, { id: modelId })).metrics['holdout'];
    expect(await holdout()).toMatchObject({ asOf });
    // Of a date whose outcome training knew, nothing stays.
    const known = new Date(Date.parse(asOf) - 200 * dayMs).toISOString();
    expect(await settled('EVALUATE', { modelId, asOf: known, horizonDays: 30 })).toMatchObject({
      result: { isHoldout: false },
    });
    expect(await holdout()).toMatchObject({ asOf });
  });

  it('EVALUATE and RETRAIN know what a model has learnt from, though its snapshot be deleted', async () => {
    const { snapshotId } = await manager().findOneByOrFail(ModelVersion, { id: modelId });
    await manager().update(ModelVersion, modelId, { snapshotId: null });
    const known = new Date(Date.parse(asOf) - dayMs).toISOString();
    for (const [date, isHoldout] of [
      [asOf, true],
      [known, false],
    ] as const) {
      expect(await settled('EVALUATE', { modelId, asOf: date, horizonDays: 7 })).toMatchObject({
        result: { isHoldout },
      });
    }
    const run = await settled('RETRAIN', { onlyIf: { olderThanDays: 200 } });
    expect(run).toMatchObject({ result: { retrained: false, ageDays: 184 } });
    await manager().update(ModelVersion, modelId, { snapshotId });
  });

  it('RETRAIN scores with the active model where neither age nor drift asks for another', async () => {
    const run = await settled('RETRAIN', { onlyIf: { olderThanDays: 200 } });
    const present = '2026-01-01T00:00:00.000Z';
    expect(run).toMatchObject({
      state: 'COMPLETED',
      result: {
        retrained: false,
        ageDays: 184,
        drift: null,
        scored: { modelId, asOf: present, horizonDays, isListed: true, drift: { score: expect.any(Number) } },
      },
    });
    expect(await manager().count(ModelVersion, { where: { state: 'CANDIDATE' } })).toBe(0);
    const { customers } = run.result!['scored'] as { customers: number };
    expect(await manager().countBy(Prediction, { modelId, asOf: new Date(present) })).toBe(customers);
    const active = await manager().findOneByOrFail(ModelVersion, { id: modelId });
    expect(active.scoredAsOf).toEqual(new Date(present));
  });

  let retrainedId: string;

  it('RETRAIN trains on the present with the same settings, then scores and promotes what is no worse', async () => {
    const run = await settled('RETRAIN', { options: { maxTrainingRows }, onlyIf: { olderThanDays: 30 } });
    expect(run).toMatchObject({
      state: 'COMPLETED',
      error: null,
      result: { retrained: true, promoted: true, isListed: true },
    });
    const result = run.result as {
      snapshotId: string;
      modelId: string;
      customers: number;
      comparison: Pick<ComparisonReport, 'verdict' | 'sentence'>;
    };
    retrainedId = result.modelId;
    const [before, after] = await Promise.all(
      [modelId, result.modelId].map((id) => manager().findOneByOrFail(ModelVersion, { id })),
    );
    expect(after!.hyperparameters).toEqual(before!.hyperparameters);
    expect(after!.snapshotId).toBe(result.snapshotId);
    expect(result.snapshotId).not.toBe(snapshotId);
    expect(result.comparison.sentence).toContain(`Model ${result.modelId} is`);
    expect(result.comparison.verdict).toBe('NOT_WORSE');
    expect([before!.state, after!.state]).toEqual(['RETIRED', 'ACTIVE']);
    expect(await manager().findBy(AuditEntry, { action: 'promoteModel' })).toMatchObject([
      {
        apiKeyId: null,
        target: globalId('ModelVersion', result.modelId),
        details: { retrain: globalId('Run', run.id), outcome: 'DONE' },
      },
    ]);
    expect(result.customers).toBeGreaterThan(500);
    expect(await manager().countBy(Prediction, { modelId: result.modelId })).toBe(result.customers);
    const kept = await new ModelsService(jobs.database.dataSource).comparison(result.modelId, modelId);
    expect(kept?.report).toMatchObject(result.comparison);
  });

  it('COMPARE sets two models side by side as of a past date', async () => {
    const run = await settled('COMPARE', { modelId: retrainedId, againstId: modelId, asOf, horizonDays });
    expect(run).toMatchObject({ state: 'COMPLETED', error: null });
    const report = run.result!['report'] as ComparisonReport;
    expect(report).toMatchObject({ asOf, horizonDays, heldOutOnly: true });
    // The older one was trained on what lay before that date only.
    expect(report.warnings.map(({ modelId: id }) => id)).toEqual([retrainedId]);
  });

  it('RETRAIN leaves a candidate that is worse on the same customers a candidate, whatever its grade', async () => {
    const { dataSource } = jobs.database;
    const active = await manager().findOneByOrFail(ModelVersion, { state: 'ACTIVE' });
    const trained = await manager().findOneByOrFail(ModelVersion, { id: retrainedId });
    // As an attempt leaves it that died after training: a model that predicts next to nothing for everybody.
    const run = await dataSource.transaction(async (transaction) => {
      const retrain = await transaction.save(transaction.create(Run, { kind: 'RETRAIN', input: {} }));
      await transaction.update(Snapshot, trained.snapshotId!, { runId: retrain.id });
      const scale = { ...(trained.serving as ServingBundle).scale, largestValue: 0.01 };
      const { id: _id, ...settings } = trained;
      const worse = transaction.create(ModelVersion, {
        ...settings,
        runId: retrain.id,
        state: 'CANDIDATE',
        promotedAt: null,
        grade: 'A',
        serving: { ...trained.serving, scale },
      });
      const { id } = await transaction.save(worse);
      await transaction.query(
        `insert into model_artifact (model_id, kind, part, sha256, content)
         select $2, kind, part, sha256, content from model_artifact where model_id = $1`,
        [retrainedId, id],
      );
      await jobs.queue.enqueue(transaction, retrain);
      return retrain;
    });
    const end = await untilSettled(jobs.runs, run.id);
    expect(end).toMatchObject({ state: 'COMPLETED', result: { promoted: false, comparison: { verdict: 'WORSE' } } });
    const scored = { modelId: active.id, asOf: '2026-01-01T00:00:00.000Z', isListed: true };
    expect(end.result).toMatchObject({ modelId: expect.not.stringMatching(active.id), scored });
    expect(await manager().findOneByOrFail(ModelVersion, { state: 'ACTIVE' })).toMatchObject({ id: active.id });
  });
});

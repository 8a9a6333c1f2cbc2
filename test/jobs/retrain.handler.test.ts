import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditEntry, ClvChange, ModelVersion, Run, Snapshot } from '../../src/entities/index.js';
import { retrainHandler } from '../../src/jobs/handlers/retrain.handler.js';
import { ClvError } from '../../src/errors.js';
import { globalId } from '../../src/schema/global-id.js';
import { ApiKeysService } from '../../src/services/api-keys.service.js';
import { ModelLoader } from '../../src/services/models/loaded-model.js';
import { ModelsService } from '../../src/services/models/models.service.js';
import type { RetrainConditions } from '../../src/services/retraining/retrain-conditions.js';
import { testConfig } from '../support/config.js';
import { useScoredShop } from '../support/scored-shop.js';

const config = testConfig();

/** From a trained candidate on, as an attempt finds it whose predecessor died: one with the active model's own weights. */
describe('a retrain', () => {
  const shop = useScoredShop();
  let models: ModelLoader;
  beforeAll(async () => {
    models = new ModelLoader(shop.dataSource, config);
  });
  afterAll(() => models.close());

  const promote = (id: string) => new ModelsService(shop.dataSource).promote(id);
  const promoteAndRollBack = async (id: string) => {
    await promote(id);
    await new ModelsService(shop.dataSource).rollback();
  };
  const served = () => shop.dataSource.manager.findOneByOrFail(ModelVersion, { state: 'ACTIVE' });

  interface Course {
    /** Called before the candidate is judged. */
    readonly afterTraining?: (candidateId: string) => Promise<unknown>;
    readonly horizonDays?: number;
    /** API key that asked for it. */
    readonly requestedById?: string;
    readonly onlyIf?: RetrainConditions;
    /** Which attempt it is. */
    readonly attempts?: number;
    /** Changes the model that is active. */
    readonly active?: Partial<Pick<ModelVersion, 'state' | 'serving'>>;
    /** Called when a phase begins. */
    readonly atPhase?: (phase: string, cancel: () => void) => void;
    /** Called when the base is scored, before it is ranked. */
    readonly atScoring?: (candidateId: string) => Promise<unknown>;
  }

  async function retrain(grade: string, course: Course = {}) {
    const { horizonDays, requestedById = null, attempts = 1, onlyIf, atPhase, atScoring } = course;
    const { dataSource } = shop;
    const { manager } = dataSource;
    const { id: activeId, ...active } = await served();
    const { id: runId } = await manager.save(manager.create(Run, { kind: 'RETRAIN', input: {}, requestedById }));
    await manager.update(Run, runId, { startedAt: () => 'now()', attempts });
    const run = await manager.findOneByOrFail(Run, { id: runId });
    await manager.update(Snapshot, active.snapshotId!, { runId: run.id });
    const { id: candidateId } = await manager.save(
      manager.create(ModelVersion, {
        ...active,
        runId: run.id,
        state: 'CANDIDATE',
        promotedAt: null,
        grade,
      }),
    );
    await manager.query(
      `insert into model_artifact (model_id, kind, part, sha256, content)
       select $2, kind, part, sha256, content from model_artifact where model_id = $1`,
      [activeId, candidateId],
    );
    // What its shards would leave.
    await manager.query(
      `insert into prediction select altered.* from prediction p,
         jsonb_populate_record(p, jsonb_build_object('model_id', $2::bigint)) altered where p.model_id = $1`,
      [activeId, candidateId],
    );
    await manager.query('delete from clv_change');
    if (course.active) {
      await manager.update(ModelVersion, activeId, course.active as object);
      await models.close();
    }
    await course.afterTraining?.(candidateId);
    const abort = new AbortController();
    const result = await retrainHandler(models)(
      { onlyIf },
      {
        run,
        dataSource,
        config: { ...config, ...(horizonDays && { horizonDays }) },
        progress: { report: (phase) => atPhase?.(phase, () => abort.abort()) },
        signal: abort.signal,
        // No worker takes the shards.
        async fanOut<Result extends object>() {
          await atScoring?.(candidateId);
          return [{ customers: 1 }] as object[] as Result[];
        },
      },
    );
    const noted = await manager.count(ClvChange);
    return { result, runId: run.id, activeId, candidateId, noted };
  }

  it('does not promote a model of grade E, though it be no worse than the one that serves', async () => {
    const { result, activeId } = await retrain('E');
    expect(result).toMatchObject({ promoted: false, comparison: { verdict: 'NOT_WORSE' } });
    expect(await served()).toMatchObject({ id: activeId });
  });

  it('goes on with what an earlier attempt has begun, whatever the conditions say by now', async () => {
    const { result } = await retrain('E', { onlyIf: { olderThanDays: 3_650 } });
    expect(result).toMatchObject({ retrained: true });
  });

  it('promotes one of another grade that is no worse', async () => {
    const { apiKey } = await new ApiKeysService(shop.dataSource).create('admin', 'ADMIN');
    const { result, runId, candidateId, noted } = await retrain('D', { requestedById: apiKey.id });
    expect(result).toMatchObject({ promoted: true, comparison: { verdict: 'NOT_WORSE' } });
    expect(await served()).toMatchObject({ id: candidateId });
    expect(noted).toBeGreaterThan(0);
    const target = globalId('ModelVersion', candidateId);
    expect(await shop.dataSource.manager.findBy(AuditEntry, { target })).toMatchObject([
      { action: 'promoteModel', apiKeyId: apiKey.id, details: { retrain: globalId('Run', runId) } },
    ]);
  });

  it('notes the changes of lists where an earlier attempt died after the promotion', async () => {
    const { result, candidateId, noted } = await retrain('D', { afterTraining: promote });
    // It is not judged again.
    expect(result).toMatchObject({ promoted: true, comparison: null });
    expect(await served()).toMatchObject({ id: candidateId });
    expect(noted).toBeGreaterThan(0);
  });

  it('notes them where it is cancelled after the promotion, too', async () => {
    const atPhase = (phase: string, cancel: () => void) => {
      if (phase === 'finding changes of values') cancel();
    };
    const { result, noted } = await retrain('D', { atPhase });
    expect(result).toMatchObject({ promoted: true });
    expect(noted).toBeGreaterThan(0);
  });

  it('scores with the model that somebody else has promoted meanwhile', async () => {
    const { id: other } = await shop.dataSource.manager.findOneByOrFail(ModelVersion, { state: 'RETIRED' });
    const { result, candidateId } = await retrain('D', { atScoring: () => promote(other) });
    expect(result).toMatchObject({ promoted: false, without: 'ACTIVE_MODEL_CHANGED' });
    expect(result).toMatchObject({ modelId: candidateId, scored: { modelId: other, customers: 1, isListed: true } });
    expect(await served()).toMatchObject({ id: other });
  });

  it.each(['afterTraining', 'atScoring'])('leaves what somebody has decided meanwhile, %s', async (when) => {
    const { id: other } = await shop.dataSource.manager.findOneByOrFail(ModelVersion, { state: 'RETIRED' });
    for (const decide of [promoteAndRollBack, () => promoteAndRollBack(other)]) {
      const { result, activeId } = await retrain('D', { [when]: decide });
      expect(result).toMatchObject({ promoted: false, without: 'ACTIVE_MODEL_CHANGED', scored: { modelId: activeId } });
      expect(await served()).toMatchObject({ id: activeId });
    }
  });

  it('says how to go on where the base of the active model is gone, as after a restore elsewhere, and scores with that model', async () => {
    const { manager } = shop.dataSource;
    const afterTraining = (id: string) =>
      manager.update(ModelVersion, id, { state: 'TRAINING', base: '/nowhere/a-base' });
    let scorings = 0;
    const atScoring = async () => ++scorings;
    await expect(retrain('D', { afterTraining, atScoring })).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(
        /no folder \/nowhere\/a-base,.* put it back there, or fine-tune with another base.*\. Nevertheless the active model has scored the base\.$/,
      ) as string,
    });
    expect(scorings).toBe(1);
  });

  it.each([
    ['no model is active', { active: { state: 'RETIRED' } as const }],
    ['it cannot be scored either', { atScoring: () => Promise.reject(new ClvError('INSUFFICIENT_DATA', 'none')) }],
  ])('that trains no model says only that where %s', async (_, course) => {
    const afterTraining = (id: string) =>
      shop.dataSource.manager.update(ModelVersion, id, { state: 'TRAINING', base: '/nowhere/a-base' });
    const { id } = await served();
    await expect(retrain('D', { ...course, afterTraining })).rejects.toMatchObject({
      message: expect.stringMatching(/promote that model\.$/) as string,
    });
    await shop.dataSource.manager.update(ModelVersion, id, { state: 'ACTIVE' });
  });

  it.each([
    [2, 0],
    [3, 1],
  ])('whose attempt %i dies in training has scored the base %i times', async (attempts, scorings) => {
    const afterTraining = (id: string) => shop.dataSource.manager.update(ModelVersion, id, { state: 'TRAINING' });
    let scored = 0;
    const atScoring = async () => ++scored;
    const atPhase = (phase: string) => {
      if (!['scoring', 'ranking'].includes(phase)) throw new Error(`killed: ${phase}`);
    };
    await expect(retrain('D', { attempts, afterTraining, atScoring, atPhase })).rejects.toThrow('killed: ');
    expect(scored).toBe(scorings);
  });

  it('scores for the configured horizon, be it shorter than what can be learnt', async () => {
    const { result, candidateId } = await retrain('D', { horizonDays: 3 });
    expect(result).toMatchObject({ promoted: true });
    expect(await served()).toMatchObject({ id: candidateId, scoredHorizonDays: 3 });
  });

  it('promotes its model where none is active, or this version cannot use that, unless it is of grade E', async () => {
    const { manager } = shop.dataSource;
    const { serving } = await served();
    for (const [active, without] of [
      [{ state: 'RETIRED' }, 'NO_ACTIVE_MODEL'],
      [{ serving: {} }, 'ACTIVE_MODEL_UNUSABLE'],
    ] as const) {
      const { result, activeId } = await retrain('E', { active });
      expect(result).toMatchObject({ promoted: false, without, comparison: null, scored: null });
      await manager.update(ModelVersion, activeId, { state: 'ACTIVE', serving: serving as object });
      const { result: better, candidateId } = await retrain('D', { active });
      expect(better).toMatchObject({ promoted: true, without, comparison: null });
      expect(await served()).toMatchObject({ id: candidateId });
    }
  });

  it('does not promote where too few customers can be compared', async () => {
    await shop.dataSource.query(`delete from snapshot_row where split = 'VALIDATION' and customer_id % 4 > 0`);
    const { result, activeId } = await retrain('A');
    expect(result).toMatchObject({ promoted: false, without: 'TOO_FEW_CUSTOMERS' });
    expect(await served()).toMatchObject({ id: activeId });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditEntry, ClvChange, ModelVersion, Run, Snapshot } from '../../src/entities/index.js';
import { retrainHandler } from '../../src/jobs/handlers/retrain.handler.js';
import { globalId } from '../../src/schema/global-id.js';
import { ApiKeysService } from '../../src/services/api-keys.service.js';
import { ModelLoader } from '../../src/services/models/loaded-model.js';
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

  const served = () => shop.dataSource.manager.findOneByOrFail(ModelVersion, { state: 'ACTIVE' });

  interface Course {
    /** Where the attempt before had promoted the candidate. */
    readonly promotedAt?: Date;
    readonly horizonDays?: number;
    /** API key that asked for it. */
    readonly requestedById?: string;
    readonly onlyIf?: RetrainConditions;
    /** Changes the model that is active. */
    readonly active?: Partial<Pick<ModelVersion, 'state' | 'serving'>>;
    /** Called when a phase begins. */
    readonly atPhase?: (phase: string, cancel: () => void) => void;
    /** Called when the base is scored, before it is ranked. */
    readonly atScoring?: () => Promise<void>;
  }

  async function retrain(grade: string, course: Course = {}) {
    const { promotedAt, horizonDays, requestedById = null, onlyIf, atPhase, atScoring } = course;
    const { dataSource } = shop;
    const { manager } = dataSource;
    const { id: activeId, ...active } = await served();
    const run = await manager.save(manager.create(Run, { kind: 'RETRAIN', input: {}, requestedById }));
    await manager.update(Snapshot, active.snapshotId!, { runId: run.id });
    const { id: candidateId } = await manager.save(
      manager.create(ModelVersion, {
        ...active,
        runId: run.id,
        state: 'CANDIDATE',
        promotedAt: promotedAt ?? null,
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
          await atScoring?.();
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
    const { result, activeId, noted } = await retrain('D', { promotedAt: new Date() });
    // It is not judged again.
    expect(result).toMatchObject({ promoted: true, comparison: null });
    expect(await served()).toMatchObject({ id: activeId });
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
    const { manager } = shop.dataSource;
    const { id: other } = await manager.findOneByOrFail(ModelVersion, { state: 'RETIRED' });
    const atScoring = async () => {
      await manager.update(ModelVersion, { state: 'ACTIVE' }, { state: 'RETIRED' });
      await manager.update(ModelVersion, other, { state: 'ACTIVE' });
    };
    const { result, candidateId } = await retrain('D', { atScoring });
    expect(result).toMatchObject({ promoted: false, without: 'ACTIVE_MODEL_CHANGED' });
    expect(result).toMatchObject({ modelId: candidateId, scored: { modelId: other, customers: 1, isListed: true } });
    expect(await served()).toMatchObject({ id: other });
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

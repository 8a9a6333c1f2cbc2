import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClvChange, ModelVersion, Run, Snapshot } from '../../src/entities/index.js';
import { retrainHandler } from '../../src/jobs/handlers/retrain.handler.js';
import { ModelLoader } from '../../src/services/models/loaded-model.js';
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
    /** Called when a phase begins. */
    readonly atPhase?: (phase: string, cancel: () => void) => void;
    /** Called when the base is scored, before it is ranked. */
    readonly atScoring?: () => Promise<void>;
  }

  async function retrain(grade: string, { promotedAt, horizonDays, atPhase, atScoring }: Course = {}) {
    const { dataSource } = shop;
    const { manager } = dataSource;
    const { id: activeId, ...active } = await served();
    const run = await manager.save(manager.create(Run, { kind: 'RETRAIN', input: {} }));
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
    const abort = new AbortController();
    const result = await retrainHandler(models)(
      {},
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
    return { result, activeId, candidateId, noted };
  }

  it('does not promote a model of grade E, though it be no worse than the one that serves', async () => {
    const { result, activeId } = await retrain('E');
    expect(result).toMatchObject({ promoted: false, comparison: { verdict: 'NOT_WORSE' } });
    expect(await served()).toMatchObject({ id: activeId });
  });

  it('promotes one of another grade that is no worse', async () => {
    const { result, candidateId, noted } = await retrain('D');
    expect(result).toMatchObject({ promoted: true, comparison: { verdict: 'NOT_WORSE' } });
    expect(await served()).toMatchObject({ id: candidateId });
    expect(noted).toBeGreaterThan(0);
  });

  it('notes the changes of lists where an earlier attempt died after the promotion', async () => {
    const { result, activeId, noted } = await retrain('D', { promotedAt: new Date() });
    expect(result).toMatchObject({ promoted: true });
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

  it('does not promote where too few customers can be compared', async () => {
    await shop.dataSource.query(`delete from snapshot_row where split = 'VALIDATION' and customer_id % 4 > 0`);
    const { result, activeId } = await retrain('A');
    expect(result).toMatchObject({ promoted: false, without: 'TOO_FEW_CUSTOMERS' });
    expect(await served()).toMatchObject({ id: activeId });
  });
});

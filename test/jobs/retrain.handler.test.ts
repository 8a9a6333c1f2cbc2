import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClvChange, ModelVersion, Run, Snapshot } from '../../src/entities/index.js';
import { retrainHandler } from '../../src/jobs/handlers/retrain.handler.js';
import { silentProgress } from '../../src/progress.js';
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

  /** @param promotedAt where the attempt before had promoted the candidate */
  async function retrain(grade: string, promotedAt: Date | null = null, { horizonDays } = config) {
    const { dataSource } = shop;
    const { manager } = dataSource;
    const { id: activeId, ...active } = await served();
    const run = await manager.save(manager.create(Run, { kind: 'RETRAIN', input: {} }));
    await manager.update(Snapshot, active.snapshotId!, { runId: run.id });
    const { id: candidateId } = await manager.save(
      manager.create(ModelVersion, { ...active, runId: run.id, state: 'CANDIDATE', promotedAt, grade }),
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
    const result = await retrainHandler(models)(
      {},
      {
        run,
        dataSource,
        config: { ...config, horizonDays },
        progress: silentProgress,
        signal: new AbortController().signal,
        // No worker takes the shards.
        fanOut: async <Result extends object>() => [{ customers: 1 }] as object[] as Result[],
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
    const { result, activeId, noted } = await retrain('D', new Date());
    expect(result).toMatchObject({ promoted: true });
    expect(await served()).toMatchObject({ id: activeId });
    expect(noted).toBeGreaterThan(0);
  });

  it('scores for the configured horizon, be it shorter than what can be learnt', async () => {
    const { result, candidateId } = await retrain('D', null, { ...config, horizonDays: 3 });
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

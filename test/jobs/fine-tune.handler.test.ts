import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelVersion, Run } from '../../src/entities/index.js';
import { fineTuneHandler } from '../../src/jobs/handlers/fine-tune.handler.js';
import { ModelLoader } from '../../src/services/models/loaded-model.js';
import { ModelsService } from '../../src/services/models/models.service.js';
import { testConfig } from '../support/config.js';
import { useScoredShop } from '../support/scored-shop.js';

/** From a trained candidate on, as an attempt finds it whose predecessor died: one with the active model's own weights. */
describe('a fine-tune', () => {
  const shop = useScoredShop();
  const config = testConfig();
  let models: ModelLoader;
  beforeAll(() => void (models = new ModelLoader(shop.dataSource, config)));
  afterAll(() => models.close());

  const served = () => shop.dataSource.manager.findOneByOrFail(ModelVersion, { state: 'ACTIVE' });

  async function copyOfServed(runId: string | null): Promise<ModelVersion> {
    const { manager } = shop.dataSource;
    const { id, ...active } = await served();
    const copy = await manager.save(
      manager.create(ModelVersion, { ...active, runId, state: 'CANDIDATE', promotedAt: null, grade: 'D' }),
    );
    await manager.query(
      `insert into model_artifact (model_id, kind, part, sha256, content)
       select $2, kind, part, sha256, content from model_artifact where model_id = $1`,
      [id, copy.id],
    );
    return copy;
  }

  it.each([
    ['at the beginning of the comparison', 'drawing customers'],
    ['at its end', 'bootstrapping'],
  ])('is compared with the model that follows the active one, where that is deleted %s', async (_when, atPhase) => {
    const { dataSource } = shop;
    const { manager } = dataSource;
    const run = await manager.save(manager.create(Run, { kind: 'FINE_TUNE', input: {} }));
    const candidate = await copyOfServed(run.id);
    const follower = await copyOfServed(null);
    const before = await served();
    const service = new ModelsService(dataSource);
    const phases: string[] = [];
    const result = await fineTuneHandler(models)(
      { snapshotId: candidate.snapshotId },
      {
        run,
        dataSource,
        config,
        progress: {
          async report(phase) {
            phases.push(phase);
            if (phase !== atPhase || (await served()).id !== before.id) return;
            await service.promote(follower.id);
            await service.delete(before.id);
          },
        },
        signal: new AbortController().signal,
        fanOut: () => Promise.reject(new Error('nothing is scored')),
      },
    );
    expect(phases).toContain(atPhase);
    expect(result).toMatchObject({ modelId: candidate.id, comparison: { verdict: 'NOT_WORSE' } });
    expect(await service.comparison(candidate.id, follower.id)).not.toBeNull();
  });
});

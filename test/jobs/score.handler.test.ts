import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { createDataSource } from '../../src/database/data-source.js';
import { DriftReport, ModelVersion } from '../../src/entities/index.js';
import { scoreBase } from '../../src/jobs/handlers/score.handler.js';
import type { JobContext } from '../../src/jobs/job.js';
import { silentProgress } from '../../src/progress.js';
import { ModelLoader } from '../../src/services/models/loaded-model.js';
import { testConfig } from '../support/config.js';
import { scoredAsOf, scoredHorizonDays, shopCustomers, useScoredShop } from '../support/scored-shop.js';
import { untilLocked } from '../support/waiting.js';

const shop = useScoredShop();

it('leaves a connection of the smallest pool to heartbeats while the base is ranked', async () => {
  const few = await createDataSource({ url: shop.url, poolSize: 2 }).initialize();
  const models = new ModelLoader(few, testConfig());
  const { id: modelId } = await few.manager.findOneByOrFail(ModelVersion, { state: 'ACTIVE' });
  const isMeasured = measurementOf(models);
  const context: Partial<JobContext> = {
    dataSource: few,
    config: testConfig(),
    signal: new AbortController().signal,
    // The base is scored already.
    fanOut: async <Result extends object>() => [{ customers: shopCustomers }] as object[] as Result[],
  };
  try {
    const period = { modelId, asOf: scoredAsOf, horizonDays: scoredHorizonDays };
    const scoring = await shop.dataSource.transaction(async (manager) => {
      await manager.query('select from prediction for update');
      const scoring = scoreBase(models, period, context as JobContext, silentProgress);
      await Promise.all([untilLocked(shop.dataSource), isMeasured]);
      await sleep(300);
      const answer = few.query('select 1').then(() => 'answered');
      expect(await Promise.race([answer, sleep(3_000, 'waits')])).toBe('answered');
      return { ends: scoring };
    });
    expect(await scoring.ends).toMatchObject({ customers: shopCustomers, isListed: true });
    expect(await shop.dataSource.manager.countBy(DriftReport, period)).toBe(1);
  } finally {
    await models.close();
    await few.destroy();
  }
});

/** Resolves when the model that is loaded next is disposed of. */
function measurementOf(models: ModelLoader): Promise<void> {
  const load = models.byId.bind(models);
  return new Promise((resolve) => {
    vi.spyOn(models, 'byId').mockImplementationOnce(async (id) => {
      const model = await load(id);
      return { ...model, [Symbol.asyncDispose]: () => model[Symbol.asyncDispose]().then(resolve) };
    });
  });
}

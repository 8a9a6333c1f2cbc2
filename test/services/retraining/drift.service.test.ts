import { expect, it } from 'vitest';
import { DriftReport, ModelVersion } from '../../../src/entities/index.js';
import { silentProgress } from '../../../src/progress.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import { measureDrift } from '../../../src/services/retraining/drift.service.js';
import { testConfig } from '../../support/config.js';
import { scoredAsOf, scoredHorizonDays, useScoredShop } from '../../support/scored-shop.js';

const shop = useScoredShop();

it('keeps one report where a scoring and a retrain measure the drift of one period at once', async () => {
  const { dataSource } = shop;
  const models = new ModelLoader(dataSource, testConfig());
  try {
    const { id: modelId } = await dataSource.manager.findOneByOrFail(ModelVersion, { state: 'ACTIVE' });
    const period = { modelId, asOf: scoredAsOf, horizonDays: scoredHorizonDays };
    const hooks = { progress: silentProgress, signal: new AbortController().signal };
    const measure = () => measureDrift(dataSource, models, period, hooks);
    const [first, second] = await Promise.all([measure(), measure()]);
    expect(first!.id).toBe(second!.id);
    expect(await dataSource.manager.count(DriftReport)).toBe(1);
  } finally {
    await models.close();
  }
});

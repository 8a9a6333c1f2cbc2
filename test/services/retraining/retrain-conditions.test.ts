import { afterAll, beforeAll, expect, it } from 'vitest';
import { ModelVersion } from '../../../src/entities/index.js';
import { silentProgress } from '../../../src/progress.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import { type RetrainConditions, retrainNeed } from '../../../src/services/retraining/retrain-conditions.js';
import { testConfig } from '../../support/config.js';
import { scoredAsOf, scoredHorizonDays, useScoredShop } from '../../support/scored-shop.js';

const shop = useScoredShop();
let models: ModelLoader;
beforeAll(() => void (models = new ModelLoader(shop.dataSource, testConfig())));
afterAll(() => models.close());

async function needOf(conditions: RetrainConditions, asOf = scoredAsOf) {
  const { dataSource } = shop;
  const active = await dataSource.manager.findOneByOrFail(ModelVersion, { state: 'ACTIVE' });
  const period = { asOf, horizonDays: scoredHorizonDays };
  const hooks = { progress: silentProgress, signal: new AbortController().signal };
  return retrainNeed(dataSource, models, { active, conditions, period }, hooks);
}

it('tells the age of the model', async () => {
  const reasonOn = async (day: string) => (await needOf({ olderThanDays: 1 }, new Date(day))).reason;
  expect(await reasonOn('2025-07-02')).toBe('The model is 1 day old; no condition asks for a retrain.');
  expect(await reasonOn('2025-07-03')).toBe('The model is 2 days old, more than 1.');
});

it('is that of a model whose drift cannot be measured, since this version cannot use its snapshot, or it', async () => {
  const { dataSource } = shop;
  const due = { due: true, reason: expect.stringContaining('Its drift cannot be measured') as string, drift: null };
  expect(await needOf({ driftAbove: 100 })).toMatchObject({ due: false });
  await dataSource.query(`update snapshot set scaler = '{}'`);
  expect(await needOf({ driftAbove: 100 })).toMatchObject(due);
  await models.close();
  await dataSource.query(`update model_version set serving = '{}'`);
  expect(await needOf({ driftAbove: 100 })).toMatchObject(due);
});

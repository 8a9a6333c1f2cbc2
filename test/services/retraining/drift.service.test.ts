import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { DriftReport, DriftSample, ModelVersion } from '../../../src/entities/index.js';
import { silentProgress } from '../../../src/progress.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import { eraseCustomers } from '../../../src/services/ingestion/live/erasure.js';
import type { DriftMeasure } from '../../../src/services/retraining/drift-measure.js';
import { keepDrift, measureDrift } from '../../../src/services/retraining/drift.service.js';
import { testConfig } from '../../support/config.js';
import { scoredAsOf, scoredHorizonDays, useScoredShop } from '../../support/scored-shop.js';
import { untilLocked } from '../../support/waiting.js';

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
    // A month is predicted once, be it the horizon itself.
    const ofMonth = await measureDrift(dataSource, models, { ...period, horizonDays: 30 }, hooks);
    const where = { reportId: ofMonth!.id };
    const predicted = await dataSource.manager.findBy(DriftSample, where);
    expect(new Set(predicted.map(({ horizonDays }) => horizonDays))).toEqual(new Set([30]));
    await dataSource.manager.delete(DriftReport, ofMonth!.id);
  } finally {
    await models.close();
  }
});

it('keeps it, though an erasure and it wait for each other', async () => {
  const { dataSource } = shop;
  const { id: modelId } = await dataSource.manager.findOneByOrFail(ModelVersion, { state: 'ACTIVE' });
  const period = { modelId, asOf: scoredAsOf, horizonDays: 31 };
  const [first, second, held] = await dataSource.query<{ id: string; externalId: string }[]>(
    `select id, external_id as "externalId" from customer where source = 'demo' order by id limit 3`,
  );
  const sampled = [second!, held!, first!].map(({ id }) => ({
    customerId: id,
    expectedValue: 1,
    logit: 0,
    mu: 0,
    sigma: 1,
  }));
  const measured = { drift: {} as DriftMeasure, horizons: [31], predictions: [sampled] };
  const both = await dataSource.transaction(async (manager) => {
    // As another erasure does.
    await manager.query('select from customer where id = $1 for update', [held!.id]);
    const keeping = keepDrift(dataSource, period, measured);
    await untilLocked(dataSource);
    const erasing = eraseCustomers(dataSource, [first!.externalId, second!.externalId], 'demo');
    await untilLocked(dataSource, 2);
    // Postgres looks for deadlocks after a second: the next who waits is the one who is refused.
    await sleep(1_200);
    return { done: Promise.allSettled([keeping, erasing]) };
  });
  const [kept, erased] = await both.done;
  expect(erased).toMatchObject({ status: 'fulfilled', value: { erased: 2 } });
  expect(kept).toMatchObject({ status: 'fulfilled' });
  const left = await dataSource.query('select customer_id as id from drift_sample where horizon_days = 31');
  expect(left).toEqual([{ id: held!.id }]);
});

import { expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { ModelVersion, Snapshot } from '../../../src/entities/index.js';
import { silentProgress } from '../../../src/progress.js';
import { requireClosedHorizon, runEvaluation } from '../../../src/services/fine-tuning/evaluation.service.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import { lastKnownDay } from '../../../src/services/preprocessing/stray-orders.js';
import { testConfig } from '../../support/config.js';
import { useScoredShop } from '../../support/scored-shop.js';

const shop = useScoredShop();
const horizonDays = 30;

it('a horizon is over by whole days, as of an instant within one, too', async () => {
  const { dataSource } = shop;
  const last = (await lastKnownDay(dataSource, new Date()))!;
  const asOf = last.getTime() + (1 - horizonDays) * dayMs;
  const closedAt = (instant: number) => requireClosedHorizon(dataSource, new Date(instant), horizonDays);
  await closedAt(asOf);
  await closedAt(asOf + dayMs - 1);
  await expect(closedAt(asOf + dayMs)).rejects.toMatchObject({ code: 'INSUFFICIENT_DATA' });
});

it('an evaluation is a holdout from the day on that training knew nothing of, be its snapshot of an instant within it', async () => {
  const { dataSource } = shop;
  const { manager } = dataSource;
  const models = new ModelLoader(dataSource, testConfig());
  const { id, snapshotId } = await manager.findOneByOrFail(ModelVersion, { state: 'ACTIVE' });
  await manager.update(Snapshot, snapshotId!, { asOf: new Date('2025-05-01T12:00:00Z') });
  const evaluated = (day: string) => {
    const request = { modelId: id, asOf: new Date(day), horizonDays };
    const hooks = { progress: silentProgress, signal: new AbortController().signal };
    return runEvaluation(dataSource, models, request, hooks);
  };
  const isHoldout = async (day: string) => (await evaluated(day)).isHoldout;
  expect([await isHoldout('2025-04-30'), await isHoldout('2025-05-01')]).toEqual([false, true]);
  await expect(evaluated('1990-01-01')).rejects.toMatchObject({
    code: 'INSUFFICIENT_DATA',
    message: expect.stringContaining('No customer had bought'),
  });
  // Where nothing tells what it has learnt, it may have learnt all that was known when it was made.
  await manager.update(ModelVersion, id, { snapshotId: null, metrics: {} });
  await models.close();
  expect(await isHoldout('2025-05-01')).toBe(false);
  await models.close();
});

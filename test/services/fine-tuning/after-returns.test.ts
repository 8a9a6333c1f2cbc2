import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { ModelVersion } from '../../../src/entities/index.js';
import { dayMs } from '../../../src/days.js';
import { silentProgress } from '../../../src/progress.js';
import { runFineTuning } from '../../../src/services/fine-tuning/fine-tuning.service.js';
import { levelShift } from '../../../src/services/fine-tuning/level-correction.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import type { ServingBundle } from '../../../src/services/models/serving-bundle.js';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { testConfig } from '../../support/config.js';
import { useTestShop } from '../../support/shop.js';

const shop = useTestShop();

it('expects of the purchases of a shop with too little data what returns leave of them, over any horizon', async () => {
  const { dataSource } = shop;
  for (let i = 0; i < 24; i++) {
    const customer = await shop.customer(`c${i}`);
    for (let day = 10 * i; day < 340; day += 40 + i) {
      const bought = Date.UTC(2025, 0, 1) + day * dayMs;
      await shop.order({ customer, at: new Date(bought).toISOString(), total: 100 });
      await shop.order({ customer, at: new Date(bought + 7 * dayMs).toISOString(), total: -30 });
    }
  }
  // Of what was bought before anybody knew of it.
  await shop.order({ customer: await shop.customer('returner'), at: '2025-02-01', total: -5_000 });
  await shop.refresh();
  const asOf = new Date('2026-01-01T00:00:00Z');
  const { snapshotId } = await runPreprocessing(dataSource, { asOf, horizonDays: 60 });
  const config = testConfig({});
  const models = new ModelLoader(dataSource, config);
  try {
    const context = { config, progress: silentProgress, signal: new AbortController().signal, runId: randomUUID() };
    const { modelId } = await runFineTuning(dataSource, models, { snapshotId }, context);
    const { serving } = await dataSource.manager.findOneByOrFail(ModelVersion, { id: modelId });
    const { priorOnly, level } = serving as object as ServingBundle;
    expect(priorOnly).toBe('INSUFFICIENT_HISTORY');
    expect(level.outlook).not.toEqual([]);
    for (const days of [60, 90, 365]) expect(Math.exp(levelShift(level, days))).toBeCloseTo(0.7, 1);
  } finally {
    await models.close();
  }
});

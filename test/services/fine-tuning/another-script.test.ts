import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { silentProgress } from '../../../src/progress.js';
import { runFineTuning } from '../../../src/services/fine-tuning/fine-tuning.service.js';
import { heldOutSample } from '../../../src/services/models/comparison-sample.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { scoreCustomers } from '../../../src/services/scoring/customer-scoring.js';
import { testConfig } from '../../support/config.js';
import { scoredAsOf, scoredHorizonDays, useScoredShop } from '../../support/scored-shop.js';

const config = testConfig();
const signal = new AbortController().signal;
const context = () => ({ config, progress: silentProgress, signal, runId: randomUUID() });
const latin = 'abcdefghijklmnopqrstuvwxyz';
const cyrillic = 'абцдефгхийклмнопярстувшьыз';
const cotton = 'цоттон';

const shop = useScoredShop();

it('a shop in another script than the base’s has a model that reads its words', async () => {
  const { dataSource } = shop;
  await dataSource.query('update product set name = translate(lower(name), $1, $2)', [latin, cyrillic]);
  const { snapshotId } = await runPreprocessing(
    dataSource,
    { asOf: scoredAsOf, horizonDays: scoredHorizonDays },
    context(),
  );
  const models = new ModelLoader(dataSource, config);
  try {
    const { modelId } = await runFineTuning(dataSource, models, { snapshotId, epochs: 1, base: 'built-in' }, context());
    await using model = await models.byId(modelId);
    expect(model.tokenizer.idsOf(cotton)).toHaveLength(1);
    expect(model.tokenizer.idsOf(cotton)[0]).toBeGreaterThanOrEqual(8_192);
    const { rows } = await heldOutSample(dataSource, snapshotId, [], signal);
    expect(rows.some(({ narrative }) => narrative.some(({ text }) => text.includes(cotton)))).toBe(true);
    const scored = await scoreCustomers(model, rows, { horizonDays: scoredHorizonDays, signal });
    expect(scored.every(({ expectedValue }) => Number.isFinite(expectedValue) && expectedValue >= 0)).toBe(true);
  } finally {
    await models.close();
  }
});

import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { ModelVersion } from '../../../src/entities/index.js';
import { silentProgress } from '../../../src/progress.js';
import { runFineTuning } from '../../../src/services/fine-tuning/fine-tuning.service.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import { ModelsService } from '../../../src/services/models/models.service.js';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { testConfig } from '../../support/config.js';
import { createTestDatabase } from '../../support/database.js';
import { writeShop } from '../preprocessing/preprocessing-shop.js';

it('advises of a model whose customers have all fallen silent', async () => {
  await using database = await createTestDatabase();
  const { dataSource } = database;
  await writeShop(dataSource);
  const config = testConfig({});
  const models = new ModelLoader(dataSource, config);
  try {
    const { snapshotId, report } = await runPreprocessing(dataSource, { asOf: '2024-03-15', horizonDays: 90 });
    const context = { config, progress: silentProgress, signal: new AbortController().signal, runId: randomUUID() };
    const { modelId } = await runFineTuning(dataSource, models, { snapshotId, epochs: 1 }, context);
    const version = await dataSource.manager.findOneByOrFail(ModelVersion, { id: modelId });
    expect(report.silentSince).toMatch(/^2023-12/);
    const said = { code: 'NOBODY_BOUGHT_LATELY', message: expect.stringContaining(report.silentSince!) };
    expect(await new ModelsService(dataSource).advice([version])).toEqual([expect.arrayContaining([said])]);
  } finally {
    await models.close();
  }
}, 120_000);

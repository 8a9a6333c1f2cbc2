import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import type { DataSource } from 'typeorm';
import { silentProgress } from '../../src/progress.js';
import { generateDemoShop } from '../../src/services/demo/demo-shop.service.js';
import { runFineTuning } from '../../src/services/fine-tuning/fine-tuning.service.js';
import { ModelLoader } from '../../src/services/models/loaded-model.js';
import { ModelsService } from '../../src/services/models/models.service.js';
import { runPreprocessing } from '../../src/services/preprocessing/preprocessing.service.js';
import { planShards } from '../../src/services/scoring/customer-shards.js';
import { finishScoring, scoreShard } from '../../src/services/scoring/scoring.service.js';
import { testConfig } from './config.js';
import { createTestDatabase, type OpenTestDatabase, type TestDatabase, useTestDatabase } from './database.js';
import { templateOf } from './template.js';

/** The day after the shop's last: as of it everything is scored, for a year. */
export const scoredAsOf = new Date('2025-07-01T00:00:00Z');
export const scoredHorizonDays = 365;
/** Beside these there is one customer, `lead`, who has not bought. */
export const shopCustomers = 300;

/** The template of a synthetic shop, scored by a model that was trained on it. */
export function scoredTemplate(): Promise<string> {
  return templateOf(inject('templateDatabase'), 'scored', fill);
}

/** A database of the test file's own with that shop: a copy, which takes a moment. */
export async function createScoredShop(): Promise<TestDatabase> {
  return createTestDatabase(await scoredTemplate());
}

/** The same for the tests of the block that calls this, as `useTestDatabase` makes one. */
export function useScoredShop(): OpenTestDatabase {
  return useTestDatabase(createScoredShop);
}

async function fill(dataSource: DataSource): Promise<void> {
  const signal = new AbortController().signal;
  const config = testConfig();
  await generateDemoShop(dataSource, { customers: shopCustomers, seed: 11, until: scoredAsOf });
  await dataSource.query(`insert into customer (external_id) values ('lead')`);
  const models = new ModelLoader(dataSource, config);
  const { snapshotId } = await runPreprocessing(dataSource, {
    asOf: scoredAsOf,
    horizonDays: scoredHorizonDays,
    options: { maxTrainingRows: 400 },
  });
  const { modelId } = await runFineTuning(
    dataSource,
    models,
    { snapshotId, epochs: 1, batchSize: 32 },
    { config, progress: silentProgress, signal, runId: randomUUID() },
  );
  // So little training may not beat the prior, but the model is to be asked all the same.
  await dataSource.query(`update model_version set serving = serving || '{"priorOnly": null}'`);
  await new ModelsService(dataSource).promote(modelId);
  const period = { modelId, horizonDays: scoredHorizonDays, asOf: scoredAsOf };
  for (const shard of await planShards(dataSource, 1_000)) {
    await scoreShard(dataSource, models, period, shard, signal);
  }
  await finishScoring(dataSource, period, period);
  await models.close();
}

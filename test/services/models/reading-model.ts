import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import type { DataSource } from 'typeorm';
import { ModelVersion } from '../../../src/entities/index.js';
import { silentProgress } from '../../../src/progress.js';
import { runFineTuning } from '../../../src/services/fine-tuning/fine-tuning.service.js';
import { LocalInference } from '../../../src/services/inference/local-inference.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import { ModelsService } from '../../../src/services/models/models.service.js';
import { PredictionsService } from '../../../src/services/predictions/predictions.service.js';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { testConfig } from '../../support/config.js';
import { createTestDatabase, useTestDatabase } from '../../support/database.js';
import { scoredAsOf, scoredHorizonDays, scoredTemplate } from '../../support/scored-shop.js';
import { templateOf } from '../../support/template.js';

export const config = testConfig({ CLVGRAPH_AS_OF: '2025-07-01' });
export const hooks = { progress: silentProgress, signal: new AbortController().signal };
export const options = { maxTrainingRows: 400 };
/** Channel goes with the number of purchases; the plan is drawn by lot. */
export const covariates = ['channel', 'plan'];

/** Gives the customers of a scored shop attributes, and it an active model that reads them, beside the one that reads none. */
async function addReadingModel(dataSource: DataSource): Promise<void> {
  // Whoever buys often has come by e-mail.
  await dataSource.query(
    `update customer c set attributes = jsonb_build_object('channel',
         case when s.occasions > 3 then 'email' else 'shop' end, 'plan', c.id % 2 = 0)
     from customer_summary s where s.customer_id = c.id`,
  );
  const request = { asOf: scoredAsOf, horizonDays: scoredHorizonDays, covariates, options };
  const { snapshotId } = await runPreprocessing(dataSource, request);
  const tuning = { snapshotId, epochs: 1, batchSize: 32 };
  const models = new ModelLoader(dataSource, config);
  const { modelId } = await runFineTuning(dataSource, models, tuning, { config, ...hooks, runId: randomUUID() });
  await models.close();
  // So little training may not beat the prior, but the model is to be asked all the same.
  await dataSource.query(`update model_version set serving = serving || '{"priorOnly": null}'`);
  await new ModelsService(dataSource).promote(modelId);
}

/** A scored shop whose active model reads attributes, beside the one that reads none. */
export function useReadingModel() {
  // A hook of its own: each training has a hook's time.
  beforeAll(async () => void (await scoredTemplate()));
  const database = useTestDatabase(async () =>
    createTestDatabase(await templateOf(await scoredTemplate(), 'reading', addReadingModel)),
  );
  let models: ModelLoader;
  let inference: LocalInference;
  let plain: ModelVersion;
  let reading: ModelVersion;
  beforeAll(async () => {
    const { dataSource } = database;
    models = new ModelLoader(dataSource, config);
    inference = new LocalInference(dataSource, config);
    plain = await dataSource.manager.findOneByOrFail(ModelVersion, { state: 'RETIRED' });
    reading = await dataSource.manager.findOneByOrFail(ModelVersion, { state: 'ACTIVE' });
  });
  afterAll(async () => {
    await inference.close();
    await models.close();
  });
  return {
    database,
    get models() {
      return models;
    },
    get inference() {
      return inference;
    },
    get plain() {
      return plain;
    },
    get reading() {
      return reading;
    },
    /** Of people who have bought more than three times. */
    async anyone(): Promise<string[]> {
      const rows = await database.dataSource.query<{ id: string }[]>(
        'select customer_id as id from customer_summary where occasions > 3 order by 1 limit 5',
      );
      return rows.map(({ id }) => id);
    },
    async predict(ids: readonly string[], horizonDays = scoredHorizonDays, by = inference) {
      const predictions = new PredictionsService(database.dataSource, config, by);
      return predictions.predict(ids.map((customerId) => ({ customerId, horizonDays })));
    },
    /** As an import or an upsert does it. @param attributes an SQL expression of what they have then */
    async change(attributes: string, ids: readonly string[] | null = null): Promise<void> {
      await database.dataSource.query(
        `update customer set attributes = ${attributes}, facts_changed_at = clock_timestamp()
         where $1::bigint[] is null or id = any($1)`,
        [ids],
      );
    },
  };
}

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.js';
import type { TrainingObjective, TrainingStrategy } from '../../src/entities/index.js';
import { silentProgress } from '../../src/progress.js';
import { CustomerClvService } from '../../src/services/customer-clv.service.js';
import { ExplanationsService } from '../../src/services/explanations.service.js';
import { runFineTuning } from '../../src/services/fine-tuning.service.js';
import { LocalInference } from '../../src/services/inference/local-inference.js';
import { ModelLoader } from '../../src/services/loaded-model.js';
import { ModelsService } from '../../src/services/models.service.js';
import { PredictionsService } from '../../src/services/predictions.service.js';
import type { TestDatabase } from '../support/database.js';
import { createScoredShop, scoredAsOf, scoredHorizonDays } from '../support/scored-shop.js';

const settings = { CLVGRAPH_DEVICE: 'cpu', CLVGRAPH_THREADS: '1', CLVGRAPH_AS_OF: scoredAsOf.toISOString() };
const { config } = loadConfig(settings, '/nonexistent');
const signal = new AbortController().signal;

describe('whatever a fine-tune is asked for', () => {
  let shop: TestDatabase;
  beforeAll(async () => void (shop = await createScoredShop()));
  afterAll(() => shop[Symbol.asyncDispose]());

  async function tuned(choice: { objective: TrainingObjective; strategy: TrainingStrategy }): Promise<string> {
    const { dataSource } = shop;
    const [{ id: snapshotId }] = await dataSource.query<[{ id: string }]>('select id from snapshot');
    const models = new ModelLoader(dataSource, config);
    try {
      const context = { config, progress: silentProgress, signal, runId: randomUUID() };
      return (await runFineTuning(dataSource, models, { snapshotId, epochs: 1, ...choice }, context)).modelId;
    } finally {
      await models.close();
    }
  }

  it.each([
    ['ZILN', 'LORA'],
    ['ZILN', 'HEAD'],
    ['MSE', 'FULL'],
    ['CLASSIFICATION', 'FULL'],
    ['CLASSIFICATION', 'LORA'],
  ] as const)('the model answers and is explained: %s, %s', async (objective, strategy) => {
    const { dataSource } = shop;
    const modelId = await tuned({ objective, strategy });
    // So little training may not beat the prior, but the model is to be asked all the same.
    await dataSource.query(`update model_version set serving = serving || '{"priorOnly": null}' where id = $1`, [
      modelId,
    ]);
    await new ModelsService(dataSource).promote(modelId);
    const inference = new LocalInference(dataSource, config);
    try {
      const predictions = new PredictionsService(dataSource, config, inference);
      const explanations = new ExplanationsService(dataSource, inference, predictions);
      const service = new CustomerClvService(dataSource, config, predictions, explanations);
      const buyers = await dataSource.query<{ id: string }[]>(
        'select customer_id as id from customer_summary where spend > 0 order by customer_id limit 5',
      );
      const clvs = await service.clv(
        buyers.map(({ id: customerId }) => ({ customerId, horizonDays: scoredHorizonDays })),
      );
      const explained = await service.explain(clvs.map((clv) => ({ clv, words: true })));
      for (const [i, clv] of clvs.entries()) {
        expect(clv).toMatchObject({ basis: 'MODEL' });
        expect(clv.predicted).toBeGreaterThanOrEqual(0);
        const { baseline, contributions, residual } = explained[i]!;
        const sum = contributions.reduce((amounts, { amount }) => amounts + amount, baseline + residual);
        expect(sum).toBeCloseTo(clv.predicted, 2);
      }
      expect(new Set(clvs.map(({ predicted }) => predicted)).size).toBe(clvs.length);
    } finally {
      await inference.close();
    }
  });
});

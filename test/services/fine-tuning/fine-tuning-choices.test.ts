import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ModelVersion, type TrainingObjective, type TrainingStrategy } from '../../../src/entities/index.js';
import type { ExplanationContent } from '../../../src/ml/explain/explanation.js';
import { sum } from '../../../src/math.js';
import type { EvaluationReport } from '../../../src/ml/training/evaluation.js';
import { silentProgress } from '../../../src/progress.js';
import type { CustomerClv } from '../../../src/services/predictions/customer-clv.js';
import { CustomerClvService } from '../../../src/services/predictions/customer-clv.service.js';
import { ExplanationsService } from '../../../src/services/explanations/explanations.service.js';
import { runFineTuning } from '../../../src/services/fine-tuning/fine-tuning.service.js';
import type { FineTuningInput } from '../../../src/services/fine-tuning/fine-tuning.types.js';
import { LocalInference } from '../../../src/services/inference/local-inference.js';
import { raised } from '../../../src/ml/scoring/served-prediction.js';
import { noCorrection } from '../../../src/services/fine-tuning/level-correction.js';
import { spreadOfHeldOut } from '../../../src/services/fine-tuning/spread-correction.js';
import type { ServingBundle } from '../../../src/services/models/serving-bundle.js';
import { heldOutSample } from '../../../src/services/models/comparison-sample.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import { ModelsService } from '../../../src/services/models/models.service.js';
import { OrderCurrencies } from '../../../src/services/customers/order-currencies.js';
import { PredictionsService } from '../../../src/services/predictions/predictions.service.js';
import { scoreCustomers } from '../../../src/services/scoring/customer-scoring.js';
import { testConfig } from '../../support/config.js';
import { useScoredShop, scoredAsOf, scoredHorizonDays } from '../../support/scored-shop.js';

const config = testConfig({
  CLVGRAPH_AS_OF: scoredAsOf.toISOString(),
  // What a fine-tune asks for comes first.
  CLVGRAPH_BASE: '/nowhere/a-base',
});
const signal = new AbortController().signal;

describe('whatever a fine-tune is asked for', () => {
  const shop = useScoredShop();

  async function tuned(choice: Partial<FineTuningInput>): Promise<string> {
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

  it('takes its base from the setting only where it names none', async () => {
    await expect(tuned({})).rejects.toThrow('There is no folder /nowhere/a-base');
  });

  it('is judged by what its model serves to the held-out customers', async () => {
    const { dataSource } = shop;
    const modelId = await tuned({ base: 'built-in' });
    const { snapshotId } = await dataSource.manager.findOneByOrFail(ModelVersion, { id: modelId });
    const { rows, actual, horizonDays, priorOf } = await heldOutSample(dataSource, snapshotId!, [], signal);
    const models = new ModelLoader(dataSource, config);
    try {
      await using model = await models.byId(modelId);
      // Of the window's date nothing is known but what lay before it.
      const { spread, ...bundle } = { ...model.bundle, prior: await priorOf([]) };
      const valuesOf = async (part: Partial<ServingBundle>) =>
        scoreCustomers({ ...model, bundle: { ...bundle, ...part } }, rows, { horizonDays, signal });
      const served = await valuesOf({});
      const prior = await valuesOf({ priorOnly: 'TRAINING_DID_NOT_HELP', level: noCorrection });
      const expected = (scored: readonly { readonly expectedValue: number }[]) =>
        scored.map(({ expectedValue }) => expectedValue);
      // The spread's correction is the same, but for its pivot: there it is the held-out customers' own.
      expect(spread).toBeDefined();
      const shifts = spreadOfHeldOut({ actual, model: expected(served), prior: expected(prior), horizonDays });
      const values = expected(served.map((each, k) => raised(each, shifts[k]!, bundle.scale)));
      const { model: judged } = model.version.metrics['validation'] as EvaluationReport;
      expect(sum(values) / sum(actual) - 1).toBeCloseTo(judged.bias!, 9);
    } finally {
      await models.close();
    }
  });

  /** Of five buyers: values over each of the horizons, each with its explanation. */
  async function answers(
    choice: { objective: TrainingObjective; strategy: TrainingStrategy },
    horizons: readonly number[],
  ): Promise<{ clv: CustomerClv; explanation: ExplanationContent }[][]> {
    const { dataSource } = shop;
    const modelId = await tuned({ ...choice, base: 'built-in' });
    // So little training may not beat the prior, but the model is to be asked all the same.
    await dataSource.query(`update model_version set serving = serving || '{"priorOnly": null}' where id = $1`, [
      modelId,
    ]);
    await new ModelsService(dataSource).promote(modelId);
    const inference = new LocalInference(dataSource, config);
    try {
      const predictions = new PredictionsService(dataSource, config, inference);
      const explanations = new ExplanationsService(dataSource, inference);
      const service = new CustomerClvService(
        dataSource,
        new OrderCurrencies(dataSource, config.currency),
        predictions,
        explanations,
        config.horizonDays,
      );
      const buyers = await dataSource.query<{ id: string }[]>(
        'select customer_id as id from customer_summary where spend > 0 order by customer_id limit 5',
      );
      const answered = [];
      for (const horizonDays of horizons) {
        const clvs = await service.clv(buyers.map(({ id: customerId }) => ({ customerId, horizonDays })));
        const explained = await service.explain(clvs.map((clv) => ({ clv, words: true })));
        answered.push(clvs.map((clv, i) => ({ clv, explanation: explained[i]! })));
      }
      return answered;
    } finally {
      await inference.close();
    }
  }

  function expectExplained(answered: readonly { clv: CustomerClv; explanation: ExplanationContent }[]): void {
    for (const { clv, explanation } of answered) {
      expect(clv).toMatchObject({ basis: 'MODEL' });
      expect(clv.predicted).toBeGreaterThanOrEqual(0);
      const { baseline, contributions, residual } = explanation;
      const explained = contributions.reduce((amounts, { amount }) => amounts + amount, baseline + residual);
      expect(explained).toBeCloseTo(clv.predicted, 2);
      expect(Math.abs(residual)).toBeLessThan(0.02 * Math.max(clv.predicted, baseline) + 0.05);
    }
    expect(new Set(answered.map(({ clv }) => clv.predicted)).size).toBe(answered.length);
  }

  it.each([
    ['ZILN', 'LORA'],
    ['ZILN', 'HEAD'],
    ['MSE', 'FULL'],
    ['CLASSIFICATION', 'FULL'],
  ] as const)('the model answers and is explained: %s, %s', async (objective, strategy) => {
    const [answered] = await answers({ objective, strategy }, [scoredHorizonDays]);
    expect(answered).toHaveLength(5);
    expectExplained(answered!);
  });

  it('a CLASSIFICATION by LORA expects little of a week and more of longer horizons, and explains it', async () => {
    const horizons = [7, 30, 91, scoredHorizonDays, 730];
    const answered = await answers({ objective: 'CLASSIFICATION', strategy: 'LORA' }, horizons);
    expectExplained(answered[3]!);
    for (const [j, { clv: ofWeek }] of answered[0]!.entries()) {
      expect(ofWeek.predicted).toBeLessThan(answered[3]![j]!.clv.predicted / 5);
    }
    for (const [i, customers] of answered.entries()) {
      for (const [j, { clv, explanation }] of customers.entries()) {
        expect(Math.abs(explanation.residual)).toBeLessThan(0.02 * clv.predicted + 0.05);
        if (i === 0) continue;
        const shorter = answered[i - 1]![j]!;
        expect(clv.predicted).toBeGreaterThan(shorter.clv.predicted);
        expect(clv.purchaseProbability).toBeGreaterThan(shorter.clv.purchaseProbability);
        expect(explanation.baseline).toBeGreaterThan(shorter.explanation.baseline);
      }
    }
  });
});

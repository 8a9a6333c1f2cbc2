import { describe, expect, it, vi } from 'vitest';
import { evaluateCommand } from '../../../src/cli/evaluate.command.js';
import { DriftReport, ModelVersion, Run } from '../../../src/entities/index.js';
import { retrainHandler } from '../../../src/jobs/handlers/retrain.handler.js';
import type { EvaluationReport } from '../../../src/ml/training/evaluation.js';
import { runEvaluation } from '../../../src/services/fine-tuning/evaluation.service.js';
import { type ComparisonReport, runComparison } from '../../../src/services/models/model-comparison.service.js';
import type { DriftMeasure } from '../../../src/services/retraining/drift-measure.js';
import { measureDrift } from '../../../src/services/retraining/drift.service.js';
import { type RealisedMetrics, settleRealisedMetrics } from '../../../src/services/retraining/realised-metrics.js';
import { scoredAsOf, scoredHorizonDays } from '../../support/scored-shop.js';
import { config, hooks, options, useReadingModel } from './reading-model.js';
import { before } from './scored-models.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 400_000 });

const past = { asOf: before(scoredAsOf, 180), horizonDays: 180 };
const nobodyHas = `attributes - 'channel'`;

describe('a model that reads attributes, in operation', () => {
  const shop = useReadingModel();

  /** While customers have other attributes. */
  async function meanwhile<T>(attributes: string, work: () => Promise<T>): Promise<T> {
    const { dataSource } = shop.database;
    await dataSource.query('create table kept_attributes as select id, attributes from customer');
    await shop.change(attributes);
    try {
      return await work();
    } finally {
      await shop.change('(select k.attributes from kept_attributes k where k.id = customer.id)');
      await dataSource.query('drop table kept_attributes');
    }
  }

  const evaluate = async ({ id: modelId }: ModelVersion) =>
    (await runEvaluation(shop.database.dataSource, shop.models, { modelId, ...past }, hooks)).report;

  it('is evaluated on a past date by the attributes that customers have today, and so is its prior', async () => {
    const [own, ofPlain] = [await evaluate(shop.reading), await evaluate(shop.plain)];
    const { ownWithout, ofPlainWithout } = await meanwhile(nobodyHas, async () => ({
      ownWithout: await evaluate(shop.reading),
      ofPlainWithout: await evaluate(shop.plain),
    }));
    expect(ofPlainWithout).toEqual(ofPlain);
    // The channel of this shop was written by what people had bought until now: no date shows that.
    expect(own.model.spearman).toBeGreaterThan(ownWithout.model.spearman! + 0.01);
    expect(own.prior.spearman).toBeGreaterThan(ownWithout.prior.spearman! + 0.01);
    expect(await evaluate(shop.reading)).toEqual(own);
  });

  it('is evaluated by the command as by the service', async () => {
    const own = await evaluate(shop.reading);
    vi.stubEnv('DATABASE_URL', shop.database.url);
    const print = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    try {
      const [asOf] = past.asOf.toISOString().split('T');
      await evaluateCommand()
        .exitOverride()
        .parseAsync(['--as-of', asOf!, '--horizon-days', String(past.horizonDays)], { from: 'user' });
      const [, result, ...caution] = print.mock.calls.map(([text]) => text as string);
      expect(caution[0]).toBe(
        `Model ${shop.reading.id} was trained on what happened after ${asOf}, too, so these figures flatter it.`,
      );
      const { modelId, report } = JSON.parse(result!) as {
        modelId: string;
        report: EvaluationReport;
      };
      expect(modelId).toBe(shop.reading.id);
      expect(report.model.normalizedGini).toBeCloseTo(own.model.normalizedGini!, 9);
      expect(report.prior.normalizedGini).toBeCloseTo(own.prior.normalizedGini!, 9);
    } finally {
      vi.unstubAllEnvs();
      vi.restoreAllMocks();
    }
  });

  it('is compared as of a past date by what it reads, with one that does not', async () => {
    const compare = async () => {
      const ids = { modelId: shop.reading.id, againstId: shop.plain.id };
      const { report } = await runComparison(shop.database.dataSource, shop.models, { ...ids, period: past }, hooks);
      return report as ComparisonReport;
    };
    const own = await compare();
    const without = await meanwhile(nobodyHas, compare);
    expect(without.b).toEqual(own.b);
    expect(own.a.spearman).toBeGreaterThan(without.a.spearman! + 0.01);
  });

  it('has its drift measured by what it reads, and a changed mix moves the predictions alone', async () => {
    const period = { modelId: shop.reading.id, asOf: scoredAsOf, horizonDays: scoredHorizonDays };
    const measure = async () => {
      const report = await measureDrift(shop.database.dataSource, shop.models, period, hooks);
      return { id: report!.id, drift: report!.drift as DriftMeasure };
    };
    const { id, drift: usual } = await measure();
    const sampled = await shop.database.dataSource.query<{ id: string; expected: number }[]>(
      `select customer_id as id, expected_value as expected from drift_sample
       where report_id = $1 and horizon_days = 90 order by 1 limit 20`,
      [id],
    );
    const served = await shop.predict(
      sampled.map((each) => each.id),
      90,
    );
    for (const [i, { prediction }] of served.entries()) {
      expect(prediction!.expectedValue).toBeCloseTo(sampled[i]!.expected, 4);
    }
    const { drift } = await meanwhile(`attributes || '{"channel": "shop"}'`, measure);
    expect(drift.prediction!.psi).not.toBe(usual.prediction!.psi);
    expect(drift.features).toEqual(usual.features);
  });

  it('has realised metrics of what was predicted then, whatever attributes became', async () => {
    const { dataSource } = shop.database;
    const period = { modelId: shop.reading.id, asOf: before(scoredAsOf, 100), horizonDays: 90 };
    const { id } = (await measureDrift(dataSource, shop.models, period, hooks))!;
    const [{ expected }] = await dataSource.query<[{ expected: number }]>(
      'select sum(expected_value) as expected from drift_sample where report_id = $1 and horizon_days = 90',
      [id],
    );
    await meanwhile(nobodyHas, () => settleRealisedMetrics(dataSource, hooks.signal));
    const { realised } = await dataSource.manager.findOneByOrFail(DriftReport, { id });
    const { metrics } = (realised as RealisedMetrics[]).find(({ horizonDays }) => horizonDays === 90)!;
    const [{ actual }] = await dataSource.query<[{ actual: number }]>(
      `select sum(net)::float8 as actual from purchase_day
       where day >= $1::date and day < $1::date + 90
         and customer_id in (select customer_id from customer_summary where first_day < $1::date)`,
      [period.asOf.toISOString()],
    );
    expect(metrics.bias).toBeCloseTo(expected / actual - 1, 6);
  });

  describe('whose attribute has gone from all customers', () => {
    const retrain = async (input: object) => {
      const { dataSource } = shop.database;
      const run = await dataSource.manager.save(dataSource.manager.create(Run, { kind: 'RETRAIN', input: {} }));
      const fanOut = async <Result extends object>() => [{ customers: 1 }] as object[] as Result[];
      return retrainHandler(shop.models)({ options, ...input }, { run, dataSource, config, ...hooks, fanOut });
    };

    it('is not retrained, by hand or by schedule, and says what to do', async () => {
      await meanwhile(nobodyHas, async () => {
        await expect(retrain({})).rejects.toMatchObject({
          code: 'BAD_USER_INPUT',
          message:
            'covariates: no customer has the attribute "channel". There are "plan". ' +
            `A retrain reads what the active model ${shop.reading.id} reads. For others, or none, preprocess with them, ` +
            'fine-tune, and promote. Nevertheless the active model has scored the base.',
        });
      });
    });

    it('still serves, and scores the base where no retrain is due', async () => {
      const ids = await shop.anyone();
      await meanwhile(nobodyHas, async () => {
        for (const { prediction } of await shop.predict(ids)) expect(prediction!.basis).toBe('MODEL');
        const result = await retrain({ onlyIf: { olderThanDays: 3_000, driftAbove: 100 } });
        expect(result).toMatchObject({ retrained: false, scored: { modelId: shop.reading.id } });
      });
    });
  });
});

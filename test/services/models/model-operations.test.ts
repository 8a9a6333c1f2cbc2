import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../../src/config.js';
import { dayMs, startOfDay } from '../../../src/days.js';
import { DriftReport, DriftSample, ModelVersion, Prediction, Snapshot } from '../../../src/entities/index.js';
import { silentProgress } from '../../../src/progress.js';
import { measureDrift } from '../../../src/services/retraining/drift.service.js';
import type { DriftMeasure } from '../../../src/services/retraining/drift-measure.js';
import { requireClosedHorizon } from '../../../src/services/fine-tuning/evaluation.service.js';
import { runFineTuning } from '../../../src/services/fine-tuning/fine-tuning.service.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import {
  type ComparisonReport,
  type ComparisonRequest,
  findComparison,
  runComparison,
} from '../../../src/services/models/model-comparison.service.js';
import { type RealisedMetrics, settleRealisedMetrics } from '../../../src/services/retraining/realised-metrics.js';
import { retrainNeed } from '../../../src/services/retraining/retrain-conditions.js';
import { useScoredShop, scoredAsOf, scoredHorizonDays } from '../../support/scored-shop.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

const before = (date: Date, days: number) => new Date(date.getTime() - days * dayMs);
const { signal } = new AbortController();
const context = { progress: silentProgress, signal };

describe('the operation of models, on a scored shop', () => {
  const database = useScoredShop();
  let models: ModelLoader;
  let active: ModelVersion;
  let other: string;

  beforeAll(async () => {
    const { config } = loadConfig({ CLVGRAPH_DEVICE: 'cpu', CLVGRAPH_THREADS: '1' }, '/nonexistent');
    models = new ModelLoader(database.dataSource, config);
    active = await database.dataSource.manager.findOneByOrFail(ModelVersion, { state: 'ACTIVE' });
    other = await copyOf(active, lowBound());
  });
  afterAll(() => models.close());

  /** A model that predicts no more than a small sum for anybody. */
  const lowBound = () => ({ scale: { ...(active.serving['scale'] as object), largestValue: 10 } });

  /** Another model with the same weights and snapshot, that serves otherwise. */
  async function copyOf({ id: _id, ...model }: ModelVersion, serving: object): Promise<string> {
    const { manager } = database.dataSource;
    const copy = manager.create(ModelVersion, {
      ...model,
      state: 'CANDIDATE',
      runId: null,
      serving: { ...model.serving, ...serving },
    });
    const { id } = await manager.save(copy);
    await manager.query(
      `insert into model_artifact (model_id, kind, part, sha256, content)
       select $2, kind, part, sha256, content from model_artifact where model_id = $1`,
      [active.id, id],
    );
    return id;
  }

  async function compare(request: Partial<ComparisonRequest> = {}): Promise<ComparisonReport> {
    const pair = { modelId: active.id, againstId: other, ...request };
    const { report } = await runComparison(database.dataSource, models, pair, context);
    return report as object as ComparisonReport;
  }

  describe('a comparison', () => {
    it('is on the held-out customers of the newest closed window, and is kept', async () => {
      const report = await compare();
      const [held] = await database.dataSource.query<[{ customers: number; spent: number }]>(
        `select count(*)::int as customers, sum(label) as spent from snapshot_row
         where snapshot_id = $1 and split = 'VALIDATION'`,
        [active.snapshotId],
      );
      expect(report).toMatchObject({ customers: held.customers, heldOutOnly: true });
      expect(report.b.bias).toBeLessThan(report.a.bias!);
      expect(report.verdict).not.toBe('WORSE');
      expect(report.differences).toHaveLength(6);
      expect(report.warnings.map(({ code, modelId }) => [code, modelId])).toEqual([
        ['TRAINED_ON_WINDOW', active.id],
        ['TRAINED_ON_WINDOW', other],
      ]);
      const kept = await findComparison(database.dataSource, active.id, other);
      expect(kept?.report).toEqual(JSON.parse(JSON.stringify(report)));
      expect(await findComparison(database.dataSource, other, active.id)).toBeNull();
    });

    it('of a model with its like finds no difference', async () => {
      const twin = await copyOf(active, {});
      const { verdict, differences } = await compare({ againstId: twin });
      expect(verdict).toBe('NOT_WORSE');
      expect(differences.map(({ difference }) => difference)).toEqual([0, 0, 0, 0, 0, 0]);
    });

    it('takes the prior of the window in place of one that a model was later fitted with', async () => {
      const prior = active.serving['prior'] as { v: number };
      const knowing = await copyOf(active, { prior: { ...prior, v: prior.v * 50 } });
      const { differences } = await compare({ againstId: knowing });
      expect(differences.map(({ difference }) => difference)).toEqual([0, 0, 0, 0, 0, 0]);
    });

    it('is of the newer snapshot’s window where the models were trained on two', async () => {
      const { manager } = database.dataSource;
      const newest = await compare();
      const older = await manager.save(
        manager.create(Snapshot, { asOf: before(scoredAsOf, 300), horizonDays: 365, completedAt: new Date() }),
      );
      const againstId = await copyOf(active, {});
      await manager.update(ModelVersion, againstId, { snapshotId: older.id });
      const { asOf, horizonDays, customers } = newest;
      expect(await compare({ againstId })).toMatchObject({ asOf, horizonDays, customers });
      expect(await compare({ modelId: againstId, againstId: active.id })).toMatchObject({ asOf, horizonDays, customers });
    });

    it('as of a date that the models know the future of is on held-out customers only', async () => {
      const period = { asOf: before(scoredAsOf, 200), horizonDays: 180 };
      const report = await compare({ period });
      expect(report).toMatchObject({ asOf: period.asOf.toISOString(), horizonDays: 180, heldOutOnly: true });
      expect(report.warnings).toHaveLength(2);
      const [{ trained }] = await database.dataSource.query<[{ trained: number }]>(
        `select count(distinct customer_id)::int as trained from snapshot_row where snapshot_id = $1 and split = 'TRAIN'`,
        [active.snapshotId],
      );
      expect(report.customers).toBeLessThan(trained / 2);
    });

    it('as of a date after all that they were trained on is on everybody, without a warning', async () => {
      const { manager } = database.dataSource;
      const period = { asOf: before(scoredAsOf, 200), horizonDays: 180 };
      const early = await manager.save(
        manager.create(Snapshot, { asOf: period.asOf, horizonDays: 365, completedAt: new Date() }),
      );
      const [a, b] = [await copyOf(active, {}), await copyOf(active, lowBound())];
      for (const id of [a, b]) await manager.update(ModelVersion, id, { snapshotId: early.id });
      const report = await compare({ modelId: a, againstId: b, period });
      const [{ bought }] = await database.dataSource.query<[{ bought: number }]>(
        'select count(distinct customer_id)::int as bought from purchase_day where net > 0 and day < $1',
        [period.asOf],
      );
      expect(report).toMatchObject({ customers: bought, heldOutOnly: false, warnings: [] });
    });

    it('refuses a horizon that is not over, and an unknown model', async () => {
      const open = compare({ period: { asOf: before(scoredAsOf, 30), horizonDays: 60 } });
      await expect(open).rejects.toMatchObject({ code: 'INSUFFICIENT_DATA' });
      // Bought is on the last day, too, so that a horizon may end with it.
      const [{ day }] = await database.dataSource.query<[{ day: string }]>(
        'select max(day)::text as day from purchase_day',
      );
      const end = new Date(Date.parse(day) + dayMs);
      await requireClosedHorizon(database.dataSource, before(end, 30), 30);
      await expect(requireClosedHorizon(database.dataSource, before(end, 29), 30)).rejects.toMatchObject({
        code: 'INSUFFICIENT_DATA',
      });
      await expect(compare({ againstId: '999999' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
  });

  const period = (asOf: Date) => ({ modelId: active.id, asOf, horizonDays: scoredHorizonDays });
  const measured = async (asOf: Date) => {
    const report = await measureDrift(database.dataSource, models, period(asOf), context);
    return { id: report!.id, drift: report!.drift as object as DriftMeasure };
  };

  describe('drift', () => {
    it('is measured on samples of the base and of the newest training rows', async () => {
      const { id, drift } = await measured(scoredAsOf);
      const buyers = await database.dataSource.manager.countBy(Prediction, { modelId: active.id });
      expect(drift.customers).toBe(buyers);
      expect(drift.referenceCustomers).toBeGreaterThan(50);
      expect(drift.features.length).toBeGreaterThan(10);
      expect(drift.features.map(({ psi }) => psi)).toEqual(drift.features.map(({ psi }) => psi).sort((a, b) => b - a));
      expect(drift.features.map(({ name }) => name)).not.toContain('season_sin');
      const samples = await database.dataSource.query(
        `select horizon_days, count(*)::int as customers from drift_sample where report_id = $1 group by 1 order by 1`,
        [id],
      );
      expect(samples).toEqual([30, 90, 365].map((days) => ({ horizon_days: days, customers: buyers })));
    });

    it('keeps what the scoring itself predicted', async () => {
      const [{ customers, different }] = await database.dataSource.query<[{ customers: number; different: number }]>(
        `select count(*)::int as customers, count(*) filter (where abs(s.expected_value - p.expected_value) > 0.01 * p.expected_value)::int as different
         from drift_sample s join drift_report r on r.id = s.report_id
         join prediction p on p.model_id = r.model_id and p.as_of = r.as_of and p.horizon_days = s.horizon_days
           and p.customer_id = s.customer_id`,
      );
      expect(customers).toBeGreaterThan(200);
      expect(different).toBe(0);
    });

    it('grows when the shop changes, and asks for a retrain then', async () => {
      const { dataSource } = database;
      const { drift: usual } = await measured(scoredAsOf);
      const need = (conditions: object) =>
        retrainNeed(
          dataSource,
          models,
          { active, conditions, period: { asOf: scoredAsOf, horizonDays: scoredHorizonDays } },
          context,
        );
      expect(await need({ olderThanDays: 1 })).toMatchObject({ due: false, ageDays: 0, drift: null });
      expect(await need({ driftAbove: usual.score + 0.1 })).toMatchObject({ due: false, drift: usual.score });
      // Everybody spends ten times as much as before.
      await dataSource.query('update purchase_day set net = net * 10');
      await dataSource.query('update customer set facts_changed_at = clock_timestamp()');
      try {
        const { drift } = await measured(scoredAsOf);
        expect(drift.state).toBe('SIGNIFICANT');
        expect(drift.prediction!.psi).toBeGreaterThan(drift.prediction!.noise);
        expect(drift.features.find(({ name }) => name === 'total_spend')).toMatchObject({ state: 'SIGNIFICANT' });
        const due = await need({ driftAbove: usual.score + 0.1 });
        // In place of the earlier measurements of the period.
        expect(await dataSource.manager.countBy(DriftReport, { modelId: active.id })).toBe(1);
        expect(due).toMatchObject({ due: true, drift: drift.score, reason: expect.stringContaining('above') });
      } finally {
        await dataSource.query('update purchase_day set net = net / 10');
      }
    });

    it('asks for a retrain of an old model without being measured, and of one whose snapshot is gone', async () => {
      const { dataSource } = database;
      const at = { asOf: new Date(scoredAsOf.getTime() + 40 * dayMs), horizonDays: scoredHorizonDays };
      const old = await retrainNeed(dataSource, models, { active, conditions: { driftAbove: 9, olderThanDays: 30 }, period: at }, context);
      expect(old).toMatchObject({ due: true, ageDays: 40, drift: null });
      const justNot = await retrainNeed(dataSource, models, { active, conditions: { olderThanDays: 40 }, period: at }, context);
      expect(justNot).toMatchObject({ due: false, ageDays: 40 });
      const { manager } = dataSource;
      const orphan = await copyOf(active, {});
      await manager.update(ModelVersion, orphan, { snapshotId: null });
      expect(await measureDrift(dataSource, models, { ...period(scoredAsOf), modelId: orphan }, context)).toBeNull();
      const version = await manager.findOneByOrFail(ModelVersion, { id: orphan });
      expect(await retrainNeed(dataSource, models, { active: version, conditions: { driftAbove: 9 }, period: at }, context)).toMatchObject({
        due: true,
      });
    });
  });

  it('asks for a retrain of a model whose newest forecast was off by more than is given', async () => {
    const { dataSource } = database;
    const report = { ...period(before(scoredAsOf, 50)), drift: {} };
    const entry = { horizonDays: 30, sawLabels: false, metrics: { bias: -0.5 }, biasInterval: { lower: -0.6, upper: -0.4 } };
    const { id } = await dataSource.manager.save(DriftReport, { ...report, realised: [entry] });
    try {
      const at = { asOf: scoredAsOf, horizonDays: scoredHorizonDays };
      const need = (conditions: object) => retrainNeed(dataSource, models, { active, conditions, period: at }, context);
      const reason = expect.stringContaining('off by 0.500 in sum');
      expect(await need({ realisedBiasAbove: 0.4 })).toMatchObject({ due: true, reason, drift: null });
      expect(await need({ realisedBiasAbove: 0.6 })).toMatchObject({ due: false, drift: null });
    } finally {
      await dataSource.manager.delete(DriftReport, { id });
    }
  });

  it('a fine-tune that is repeated after its model was promoted leaves that as it is', async () => {
    const { dataSource } = database;
    const { config } = loadConfig({ CLVGRAPH_DEVICE: 'cpu', CLVGRAPH_THREADS: '1' }, '/nonexistent');
    const again = await runFineTuning(
      dataSource,
      models,
      { snapshotId: active.snapshotId!, epochs: 1, batchSize: 32 },
      { ...context, config, runId: active.runId! },
    );
    expect(again).toMatchObject({ modelId: active.id });
    expect(await dataSource.manager.findOneByOrFail(ModelVersion, { id: active.id })).toEqual(active);
  });

  describe('realised metrics', () => {
    it('do not come before the last day of a horizon is over, though there be purchases of it', async () => {
      const { dataSource } = database;
      const { manager } = dataSource;
      const today = startOfDay(new Date());
      const [{ id: customerId }] = await dataSource.query<[{ id: string }]>(
        `insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
         select id, $1, 1, 1, 0, 1, 0, 1 from customer order by id limit 30 returning customer_id as id`,
        [today],
      );
      const report = manager.create(DriftReport, {
        modelId: await copyOf(active, {}),
        asOf: before(today, 29),
        horizonDays: 30,
        drift: {},
        measuredAt: new Date(),
      });
      const { id: reportId } = await manager.save(report);
      const predicted = { reportId, horizonDays: 30, customerId, expectedValue: 1, logit: 0, mu: 0, sigma: 1 };
      await manager.insert(DriftSample, predicted);
      await settleRealisedMetrics(dataSource, signal);
      await dataSource.query('delete from purchase_day where day = $1', [today]);
      expect(await manager.findOneByOrFail(DriftReport, { id: reportId })).toMatchObject({ realised: [] });
    });

    it('come for each horizon that is over, from the predictions of then', async () => {
      const { dataSource } = database;
      const asOf = before(scoredAsOf, 100);
      const { id } = await measured(asOf);
      const [{ expected }] = await dataSource.query<[{ expected: number }]>(
        'select sum(expected_value) as expected from drift_sample where report_id = $1 and horizon_days = 90',
        [id],
      );
      await settleRealisedMetrics(dataSource, signal);
      await settleRealisedMetrics(dataSource, signal);
      const { realised } = await dataSource.manager.findOneByOrFail(DriftReport, { id });
      const metrics = realised as object as RealisedMetrics[];
      expect(metrics.map(({ horizonDays, sawLabels }) => [horizonDays, sawLabels])).toEqual([
        [30, true],
        [90, true],
      ]);
      const [{ actual }] = await dataSource.query<[{ actual: number }]>(
        `select sum(net)::float8 as actual from purchase_day where day >= $1::date and day < $1::date + 90
           and customer_id in (select customer_id from drift_sample where report_id = $2)`,
        [asOf.toISOString().slice(0, 10), id],
      );
      expect(metrics[1]!.metrics.bias).toBeCloseTo(expected / actual - 1, 6);
      expect(metrics[1]!.metrics.normalizedGini).toBeGreaterThan(0);
      expect(metrics[1]!.biasInterval!.lower).toBeLessThan(metrics[1]!.metrics.bias!);
      expect(metrics[1]!.biasInterval!.upper).toBeGreaterThan(metrics[1]!.metrics.bias!);
      // What is settled needs no sample; the year is not over.
      const left = await dataSource.manager.findBy(DriftSample, { reportId: id });
      expect(new Set(left.map(({ horizonDays }) => horizonDays))).toEqual(new Set([scoredHorizonDays]));
      // Measuring the drift of that day again changes neither what was settled nor what will be.
      expect(await measured(asOf)).toMatchObject({ id });
      await settleRealisedMetrics(dataSource, signal);
      expect((await dataSource.manager.findOneByOrFail(DriftReport, { id })).realised).toEqual(realised);
      expect(await dataSource.manager.findBy(DriftSample, { reportId: id })).toEqual(left);
    });

    it('wait where a single newer purchase alone would close the horizon', async () => {
      const { dataSource } = database;
      const { id } = await measured(before(scoredAsOf, 25));
      const realised = async () => (await dataSource.manager.findOneByOrFail(DriftReport, { id })).realised;
      const purchase = (day: string) =>
        dataSource.query(
          `insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
           select min(id), $1, 5, 5, 0, 1, 1, 1 from customer`,
          [day],
        );
      await purchase('2025-07-20');
      await settleRealisedMetrics(dataSource, signal);
      expect(await realised()).toEqual([]);
      for (let day = 1; day < 20; day += 2) await purchase(`2025-07-${String(day).padStart(2, '0')}`);
      await settleRealisedMetrics(dataSource, signal);
      expect(await realised()).toMatchObject([{ horizonDays: 30 }]);
    });
  });
});

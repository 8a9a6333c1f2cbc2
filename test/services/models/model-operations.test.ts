import { setTimeout as sleep } from 'node:timers/promises';
import { EntityManager } from 'typeorm';
import { describe, expect, it, vi } from 'vitest';
import { dayMs, startOfDay } from '../../../src/days.js';
import { DriftReport, DriftSample, ModelVersion, Prediction, Snapshot, SnapshotRow } from '../../../src/entities/index.js';
import type { TrainingWindow } from '../../../src/ml/features/feature-row.js';
import { silentProgress } from '../../../src/progress.js';
import { measureDrift } from '../../../src/services/retraining/drift.service.js';
import type { DriftMeasure } from '../../../src/services/retraining/drift-measure.js';
import { runFineTuning } from '../../../src/services/fine-tuning/fine-tuning.service.js';
import { type RealisedMetrics, settleRealisedMetrics } from '../../../src/services/retraining/realised-metrics.js';
import { retrainNeed } from '../../../src/services/retraining/retrain-conditions.js';
import { testConfig } from '../../support/config.js';
import { scoredAsOf, scoredHorizonDays } from '../../support/scored-shop.js';
import { untilLocked } from '../../support/waiting.js';
import { before, useScoredModels } from './scored-models.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

const { signal } = new AbortController();
const context = { progress: silentProgress, signal };

describe('the operation of models, on a scored shop', () => {
  const shop = useScoredModels();

  const period = (asOf: Date) => ({ modelId: shop.active.id, asOf, horizonDays: scoredHorizonDays });
  const measured = async (asOf: Date) => {
    const report = await measureDrift(shop.database.dataSource, shop.models, period(asOf), context);
    return { id: report!.id, drift: report!.drift as DriftMeasure };
  };

  describe('drift', () => {
    it('is measured on samples of the base and of the newest training rows', async () => {
      const { manager } = shop.database.dataSource;
      const { id: snapshotId, ...snapshot } = await manager.findOneByOrFail(Snapshot, { id: shop.active.snapshotId! });
      // Whose rows are none of the model's.
      const { id: other } = await manager.save(manager.create(Snapshot, snapshot));
      await manager.query(
        `insert into snapshot_row (snapshot_id, "window", customer_id, split, features, narrative, label)
         select $2, "window", customer_id, split, features, narrative, label from snapshot_row where snapshot_id = $1`,
        [snapshotId, other],
      );
      const { id, drift } = await measured(scoredAsOf);
      await manager.delete(Snapshot, other);
      const buyers = await manager.countBy(Prediction, { modelId: shop.active.id });
      expect(drift.customers).toBe(buyers);
      const dates = (snapshot.windows as TrainingWindow[]).map(({ asOf }) => asOf);
      const window = dates.indexOf(dates.toSorted().at(-1)!);
      const trained = await manager.countBy(SnapshotRow, { snapshotId, window, split: 'TRAIN' });
      expect(trained).toBeGreaterThan(50);
      expect(drift.referenceCustomers).toBe(trained);
      expect(drift.features.length).toBeGreaterThan(10);
      expect(drift.features.map(({ psi }) => psi)).toEqual(drift.features.map(({ psi }) => psi).sort((a, b) => b - a));
      expect(drift.features.map(({ name }) => name)).not.toContain('season_sin');
      const samples = await manager.query<{ expected: number }[]>(
        `select horizon_days, count(*)::int as customers, sum(expected_value) as expected
         from drift_sample where report_id = $1 group by 1 order by 1`,
        [id],
      );
      expect(samples).toMatchObject([30, 90, 365].map((days) => ({ horizon_days: days, customers: buyers })));
      const [ofMonth, ofQuarter, ofYear] = samples.map(({ expected }) => expected);
      expect(ofMonth).toBeLessThan(ofQuarter! / 1.2);
      expect(ofQuarter).toBeLessThan(ofYear! / 1.2);
    });

    it('keeps what the scoring itself predicted', async () => {
      const [{ customers, different }] = await shop.database.dataSource.query<[{ customers: number; different: number }]>(
        `select count(*)::int as customers,
           count(*) filter (where abs(s.expected_value - p.expected_value) > 0.01 * p.expected_value
             or abs(s.mu - p.mu) > 0.01 or abs(s.sigma - p.sigma) > 0.01
             or abs(1 / (1 + exp(-s.logit)) - p.purchase_probability) > 0.001)::int as different
         from drift_sample s join drift_report r on r.id = s.report_id
         join prediction p on p.model_id = r.model_id and p.as_of = r.as_of and p.horizon_days = s.horizon_days
           and p.customer_id = s.customer_id`,
      );
      expect(customers).toBeGreaterThan(200);
      expect(different).toBe(0);
    });

    it('grows when the shop changes, and asks for a retrain then', async () => {
      const { dataSource } = shop.database;
      const { drift: usual } = await measured(scoredAsOf);
      const need = (conditions: object) =>
        retrainNeed(
          dataSource,
          shop.models,
          { active: shop.active, conditions, period: { asOf: scoredAsOf, horizonDays: scoredHorizonDays } },
          context,
        );
      expect(await need({ olderThanDays: 1 })).toMatchObject({ due: false, ageDays: 0, drift: null });
      expect(await need({ driftAbove: usual.score + 0.1 })).toMatchObject({
        due: false,
        drift: usual.score,
        reason: expect.stringContaining(', not above'),
      });
      // Everybody spends ten times as much as before.
      const changed = Date.now();
      await dataSource.query('update purchase_day set net = net * 10');
      await dataSource.query('update customer set facts_changed_at = clock_timestamp()');
      try {
        const { drift } = await measured(scoredAsOf);
        expect(drift.state).toBe('SIGNIFICANT');
        expect(drift.prediction!.psi).toBeGreaterThan(drift.prediction!.noise);
        expect(drift.features.find(({ name }) => name === 'total_spend')).toMatchObject({ state: 'SIGNIFICANT' });
        const due = await need({ driftAbove: usual.score + 0.1 });
        // In place of the earlier measurements of the period.
        const [report, ...others] = await dataSource.manager.findBy(DriftReport, { modelId: shop.active.id });
        expect(others).toEqual([]);
        expect(report!.measuredAt.getTime()).toBeGreaterThanOrEqual(changed);
        expect(due).toMatchObject({ due: true, drift: drift.score, reason: expect.stringContaining(', above') });
      } finally {
        await dataSource.query('update purchase_day set net = net / 10');
      }
    });

    it('asks for a retrain of an old model without being measured, and of one whose snapshot is gone', async () => {
      const { dataSource } = shop.database;
      const at = { asOf: new Date(scoredAsOf.getTime() + 40 * dayMs), horizonDays: scoredHorizonDays };
      const old = await retrainNeed(dataSource, shop.models, { active: shop.active, conditions: { driftAbove: 9, olderThanDays: 30 }, period: at }, context);
      expect(old).toMatchObject({ due: true, ageDays: 40, drift: null });
      const justNot = await retrainNeed(dataSource, shop.models, { active: shop.active, conditions: { olderThanDays: 40 }, period: { ...at, asOf: before(scoredAsOf, -40.5) } }, context);
      expect(justNot).toMatchObject({ due: false, ageDays: 40 });
      const { manager } = dataSource;
      const orphan = await shop.copyOf(shop.active, {});
      await manager.update(ModelVersion, orphan, { snapshotId: null });
      expect(await measureDrift(dataSource, shop.models, { ...period(scoredAsOf), modelId: orphan }, context)).toBeNull();
      // When there was nobody yet.
      expect(await measureDrift(dataSource, shop.models, period(new Date('1990-01-01Z')), context)).toBeNull();
      const version = await manager.findOneByOrFail(ModelVersion, { id: orphan });
      expect(await retrainNeed(dataSource, shop.models, { active: version, conditions: { driftAbove: 9 }, period: at }, context)).toMatchObject({
        due: true,
      });
    });
  });

  it('asks for a retrain of a model whose newest forecast was off by more than is given', async () => {
    const { dataSource } = shop.database;
    const report = { ...period(before(scoredAsOf, 50)), drift: {} };
    const entry = { horizonDays: 30, sawLabels: false, metrics: { bias: -0.5 }, biasInterval: { lower: -0.6, upper: -0.4 } };
    // One that knew the outcome is no forecast; of two that end at once, the longer counts.
    const other = { sawLabels: false, metrics: { bias: 0.9 }, biasInterval: { lower: 0.8, upper: 1 } };
    const lookBack = { ...other, horizonDays: 40, sawLabels: true };
    const ids: string[] = [];
    for (const [days, horizonDays] of [[35, 10], [30, 10]] as const) {
      const made = { ...report, asOf: before(scoredAsOf, days), realised: [{ ...other, horizonDays }] };
      ids.push((await dataSource.manager.save(DriftReport, made)).id);
    }
    const { id } = await dataSource.manager.save(DriftReport, { ...report, realised: [entry, lookBack] });
    try {
      const at = { asOf: scoredAsOf, horizonDays: scoredHorizonDays };
      const need = (conditions: object) => retrainNeed(dataSource, shop.models, { active: shop.active, conditions, period: at }, context);
      const reason = expect.stringContaining('off by 0.500 in sum');
      expect(await need({ realisedBiasAbove: 0.4 })).toMatchObject({ due: true, reason, drift: null });
      expect(await need({ realisedBiasAbove: 0.6 })).toMatchObject({ due: false, drift: null });
      const byChance = { ...entry, biasInterval: { lower: -0.9, upper: 0.1 } };
      await dataSource.manager.update(DriftReport, id, { realised: [byChance] });
      expect(await need({ realisedBiasAbove: 0.4 })).toMatchObject({ due: false });
    } finally {
      await dataSource.manager.delete(DriftReport, [id, ...ids]);
    }
  });

  it('asks for a retrain by a forecast whose horizon is over since the last scoring', async () => {
    const { dataSource } = shop.database;
    const modelId = await shop.copyOf(shop.active, {});
    const active = await dataSource.manager.findOneByOrFail(ModelVersion, { id: modelId });
    const report = { modelId, asOf: scoredAsOf, horizonDays: 30, drift: {} };
    const { id: reportId } = await dataSource.manager.save(DriftReport, report);
    await dataSource.query(
      `insert into drift_sample (report_id, horizon_days, customer_id, expected_value, logit, mu, sigma)
       select $1, 30, id, 100, 1, 4, 1 from customer order by id limit 30`,
      [reportId],
    );
    await dataSource.query(
      `insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
       select customer_id, day, 1, 1, 0, 1, 0, 1
       from drift_sample, generate_series($2::date, $2::date + 40, interval '1 day') day where report_id = $1`,
      [reportId, scoredAsOf],
    );
    try {
      const at = { asOf: before(scoredAsOf, -41), horizonDays: scoredHorizonDays };
      const question = { active, conditions: { realisedBiasAbove: 0.5 }, period: at };
      expect(await retrainNeed(dataSource, shop.models, question, context)).toMatchObject({
        due: true,
        reason: expect.stringContaining('off by 2.333 in sum'),
      });
    } finally {
      await dataSource.query('delete from purchase_day where day >= $1', [scoredAsOf]);
      await dataSource.manager.delete(DriftReport, { id: reportId });
    }
  });

  it('a fine-tune that is repeated after its model was promoted leaves that as it is', async () => {
    const { dataSource } = shop.database;
    const config = testConfig();
    const again = await runFineTuning(
      dataSource,
      shop.models,
      { snapshotId: shop.active.snapshotId!, epochs: 1, batchSize: 32 },
      { ...context, config, runId: shop.active.runId! },
    );
    expect(again).toMatchObject({ modelId: shop.active.id });
    expect(await dataSource.manager.findOneByOrFail(ModelVersion, { id: shop.active.id })).toEqual(shop.active);
  });

  describe('realised metrics', () => {
    it('do not come before the last day of a horizon is over, though there be purchases of it', async () => {
      const { dataSource } = shop.database;
      const { manager } = dataSource;
      const today = startOfDay(new Date());
      const [{ id: customerId }] = await dataSource.query<[{ id: string }]>(
        `insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
         select id, $1, 1, 1, 0, 1, 0, 1 from customer order by id limit 30 returning customer_id as id`,
        [today],
      );
      const report = manager.create(DriftReport, {
        modelId: await shop.copyOf(shop.active, {}),
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
      const { dataSource } = shop.database;
      // The purchases end with the 90 days that begin with its day.
      const asOf = before(scoredAsOf, 89.5);
      const { id } = await measured(asOf);
      const [{ expected }] = await dataSource.query<[{ expected: number }]>(
        'select sum(expected_value) as expected from drift_sample where report_id = $1 and horizon_days = 90',
        [id],
      );
      await settleRealisedMetrics(dataSource, signal);
      await settleRealisedMetrics(dataSource, signal);
      const { realised } = await dataSource.manager.findOneByOrFail(DriftReport, { id });
      const metrics = realised as RealisedMetrics[];
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
      // What was over a month ago needs no sample any more; the year is not over.
      const samples = () =>
        dataSource.manager.find(DriftSample, { where: { reportId: id }, order: { horizonDays: 'ASC', customerId: 'ASC' } });
      const left = await samples();
      expect(new Set(left.map(({ horizonDays }) => horizonDays))).toEqual(new Set([90, scoredHorizonDays]));
      // Measuring the drift of that day again changes neither what was settled nor what will be.
      expect(await measured(asOf)).toMatchObject({ id });
      await settleRealisedMetrics(dataSource, signal);
      expect((await dataSource.manager.findOneByOrFail(DriftReport, { id })).realised).toEqual(realised);
      expect(await samples()).toEqual(left);
    });

    it('stay where the drift of their day is measured again while they are settled', async () => {
      const { dataSource } = shop.database;
      const { id } = await measured(before(scoredAsOf, 100));
      const { save } = EntityManager.prototype as unknown as { save: (...given: unknown[]) => Promise<unknown> };
      let settling: Promise<void> | undefined;
      const spy = vi.spyOn(EntityManager.prototype as unknown as { save: typeof save }, 'save');
      spy.mockImplementationOnce(async function (this: EntityManager, ...given) {
        settling = settleRealisedMetrics(dataSource, signal);
        await Promise.race([settling, sleep(1_000)]);
        return save.apply(this, given);
      });
      await measured(before(scoredAsOf, 100));
      spy.mockRestore();
      await settling;
      // The sample of the first is gone.
      const { realised } = await dataSource.manager.findOneByOrFail(DriftReport, { id });
      expect(realised).toMatchObject([{ horizonDays: 30 }, { horizonDays: 90 }]);
      await dataSource.manager.delete(DriftReport, { id });
    });

    it('count orders of the horizon that come in late, until the data go on for a month', async () => {
      const { dataSource } = shop.database;
      const { id } = await measured(before(scoredAsOf, 30));
      const kept = () => dataSource.manager.countBy(DriftSample, { reportId: id, horizonDays: 30 });
      const settled = async () => {
        await settleRealisedMetrics(dataSource, signal);
        const { realised } = await dataSource.manager.findOneByOrFail(DriftReport, { id });
        return realised as RealisedMetrics[];
      };
      const [first, ...none] = await settled();
      expect([first!.horizonDays, none]).toEqual([30, []]);
      expect(await settled()).toEqual([first]);
      const [{ expected, actual, customerId }] = await dataSource.query<
        [{ expected: number; actual: number; customerId: string }]
      >(
        `select sum(s.expected_value) as expected, max(s.customer_id) as "customerId",
           (select sum(net)::float8 from purchase_day where day >= $2::date - 30 and day < $2
              and customer_id in (select customer_id from drift_sample where report_id = $1)) as actual
         from drift_sample s where s.report_id = $1 and s.horizon_days = 30`,
        [id, scoredAsOf.toISOString().slice(0, 10)],
      );
      expect(first!.metrics.bias).toBeCloseTo(expected / actual - 1, 9);
      const late = 100_000;
      const buy = (day: Date, net: number) =>
        dataSource.query(
          `insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
           values ($1, $2, $3, $3, 0, 1, 1, 1)
           on conflict (customer_id, day) do update set net = purchase_day.net + excluded.net`,
          [customerId, day, net],
        );
      await buy(before(scoredAsOf, 3), late);
      const [second] = await settled();
      expect(second!.metrics.bias).toBeCloseTo(expected / (actual + late) - 1, 9);
      expect(await kept()).toBeGreaterThan(0);
      // A month later the samples go, once the last of what was late has been counted.
      await buy(before(scoredAsOf, 2), late);
      for (let day = 0; day < 30; day++) await buy(before(scoredAsOf, -day), 1);
      const [last] = await settled();
      expect(last!.metrics.bias).toBeCloseTo(expected / (actual + 2 * late) - 1, 9);
      expect(await kept()).toBe(0);
      await buy(before(scoredAsOf, 3), -late);
      await buy(before(scoredAsOf, 2), -late);
      await dataSource.query('delete from purchase_day where day >= $1', [scoredAsOf]);
    });

    it('are those of the other, where two workers settle the same', async () => {
      const { dataSource } = shop.database;
      const { id } = await measured(before(scoredAsOf, 31));
      let settling: Promise<void> | undefined;
      await dataSource.transaction(async (manager) => {
        await manager.query('select from drift_report where id = $1 for no key update', [id]);
        settling = settleRealisedMetrics(dataSource, signal);
        await untilLocked(dataSource);
        await manager.delete(DriftSample, { reportId: id });
        await manager.update(DriftReport, id, { realised: [{ horizonDays: 30 }] });
      });
      await settling;
      expect((await dataSource.manager.findOneByOrFail(DriftReport, { id })).realised).toEqual([{ horizonDays: 30 }]);
      await dataSource.manager.delete(DriftReport, { id });
    });

    it('stand in the order of their horizons, whichever was computed again', async () => {
      const { dataSource } = shop.database;
      const { id } = await measured(before(scoredAsOf, 32));
      await dataSource.query(
        `insert into drift_sample select report_id, 20, customer_id, expected_value, logit, mu, sigma
         from drift_sample where report_id = $1 and horizon_days = 30`,
        [id],
      );
      const settled = async () => {
        await settleRealisedMetrics(dataSource, signal);
        const { realised } = await dataSource.manager.findOneByOrFail(DriftReport, { id });
        return realised as RealisedMetrics[];
      };
      const buy = (daysBefore: number, net: number) =>
        dataSource.query(
          `insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
           select min(customer_id), $2, $3::numeric, abs($3), 0, 1, 1, 1 from drift_sample where report_id = $1
           on conflict (customer_id, day) do update set net = purchase_day.net + excluded.net`,
          [id, before(scoredAsOf, daysBefore), net],
        );
      await buy(5, 1_000);
      const [ofDays, ofMonth] = await settled();
      // It turns out to be of the beginning of the month.
      await buy(5, -1_000);
      await buy(25, 1_000);
      const [again, same, ...none] = await settled();
      expect([ofDays, ofMonth, again].map((each) => each!.horizonDays)).toEqual([20, 30, 20]);
      expect(again).not.toEqual(ofDays);
      expect([same, none]).toEqual([ofMonth, []]);
      await buy(25, -1_000);
      await dataSource.manager.delete(DriftReport, { id });
    });

    it('tell a look back from a forecast where the snapshot is gone by then', async () => {
      const { manager } = shop.database.dataSource;
      const modelId = await shop.copyOf({ ...shop.active, snapshotId: null }, {});
      const [{ id: customerId }] = await manager.query<[{ id: string }]>('select min(id) as id from customer');
      const ids: string[] = [];
      for (const asOf of [before(scoredAsOf, 60), scoredAsOf]) {
        const report = manager.create(DriftReport, { modelId, asOf, horizonDays: 30, drift: {}, measuredAt: new Date() });
        const { id: reportId } = await manager.save(report);
        await manager.insert(DriftSample, { reportId, horizonDays: 30, customerId, expectedValue: 1, logit: 0, mu: 0, sigma: 1 });
        ids.push(reportId);
      }
      await shop.database.dataSource.query(
        `insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
         select $1, day, 1, 1, 0, 1, 0, 1 from generate_series($2::date, $2::date + 40, interval '1 day') day`,
        [customerId, scoredAsOf],
      );
      await settleRealisedMetrics(shop.database.dataSource, signal);
      await shop.database.dataSource.query('delete from purchase_day where day >= $1', [scoredAsOf]);
      const realised = async (id: string) => (await manager.findOneByOrFail(DriftReport, { id })).realised;
      expect(await realised(ids[0]!)).toMatchObject([{ horizonDays: 30, sawLabels: true }]);
      expect(await realised(ids[1]!)).toMatchObject([{ horizonDays: 30, sawLabels: false }]);
      await manager.delete(DriftReport, ids);
    });

    it('wait where a single newer purchase alone would close the horizon', async () => {
      const { dataSource } = shop.database;
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

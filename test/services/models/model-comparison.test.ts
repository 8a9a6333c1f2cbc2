import { beforeAll, describe, expect, it, vi } from 'vitest';
import { dayMs, dayOf, startOfDay } from '../../../src/days.js';
import { ModelVersion, Snapshot } from '../../../src/entities/index.js';
import { silentProgress } from '../../../src/progress.js';
import { requireClosedHorizon } from '../../../src/services/fine-tuning/evaluation.service.js';
import {
  type ComparisonReport,
  type ComparisonRequest,
  runComparison,
} from '../../../src/services/models/model-comparison.service.js';
import { ModelsService } from '../../../src/services/models/models.service.js';
import type { ServingBundle } from '../../../src/services/models/serving-bundle.js';
import { scoredAsOf } from '../../support/scored-shop.js';
import { before, useScoredModels } from './scored-models.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

const context = { progress: silentProgress, signal: new AbortController().signal };

describe('a comparison of models, on a scored shop', () => {
  const shop = useScoredModels();
  let other: string;
  beforeAll(async () => void (other = await shop.copyOf(shop.active, lowBound())));

  /** A model that predicts no more than a small sum for anybody. */
  const lowBound = () => ({ scale: { ...(shop.active.serving as ServingBundle).scale, largestValue: 10 } });

  async function compare(request: Partial<ComparisonRequest> = {}): Promise<ComparisonReport> {
    const pair = { modelId: shop.active.id, againstId: other, ...request };
    const { report } = await runComparison(shop.database.dataSource, shop.models, pair, context);
    return report as ComparisonReport;
  }

  it('is on the held-out customers of the newest closed window, and is kept', async () => {
    const report = await compare();
    const [held] = await shop.database.dataSource.query<[{ customers: number; spent: number }]>(
      `select count(*)::int as customers, sum(label) as spent from snapshot_row
       where snapshot_id = $1 and split = 'VALIDATION'`,
      [shop.active.snapshotId],
    );
    expect(report).toMatchObject({ customers: held.customers, heldOutOnly: true });
    expect(report.b.bias).toBeLessThan(report.a.bias!);
    expect(report.verdict).not.toBe('WORSE');
    expect(report.differences).toHaveLength(6);
    expect(report.warnings.map(({ code, modelId }) => [code, modelId])).toEqual([
      ['TRAINED_ON_WINDOW', shop.active.id],
      ['TRAINED_ON_WINDOW', other],
    ]);
    const models = new ModelsService(shop.database.dataSource);
    const kept = await models.comparison(shop.active.id, other);
    expect(kept?.report).toEqual(JSON.parse(JSON.stringify(report)));
    expect(await models.comparison(other, shop.active.id)).toBeNull();
  });

  it('of a model with its like finds no difference', async () => {
    const twin = await shop.copyOf(shop.active, {});
    const { verdict, differences } = await compare({ againstId: twin });
    expect(verdict).toBe('NOT_WORSE');
    expect(differences.map(({ difference }) => difference)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('takes the prior of the window in place of one that a model was later fitted with', async () => {
    const { prior } = shop.active.serving as ServingBundle;
    const knowing = await shop.copyOf(shop.active, { prior: { ...prior, v: prior.v * 50 } });
    const { differences } = await compare({ againstId: knowing });
    expect(differences.map(({ difference }) => difference)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('takes the level of the window in place of one that the shop’s present pace bounds', async () => {
    const { level } = shop.active.serving as ServingBundle;
    const days = level.horizonDays;
    const outlook = [{ days, spent: 100, expected: 100, paced: 110 }];
    const bound = { ...level, ratio: 2, today: [{ days, ratio: 2 }], outlook };
    const { differences } = await compare({ againstId: await shop.copyOf(shop.active, { level: bound }) });
    expect(differences.map(({ difference }) => difference)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('is of the newer snapshot’s window where the models were trained on two', async () => {
    const { manager } = shop.database.dataSource;
    const newest = await compare();
    const newer = await manager.findOneByOrFail(Snapshot, { id: shop.active.snapshotId! });
    const older = await manager.save(
      manager.create(Snapshot, { ...newer, id: undefined, asOf: before(scoredAsOf, 300) }),
    );
    const againstId = await shop.copyOf(shop.active, {});
    await manager.update(ModelVersion, againstId, { snapshotId: older.id });
    const { asOf, horizonDays, customers } = newest;
    expect(await compare({ againstId })).toMatchObject({ asOf, horizonDays, customers });
    expect(await compare({ modelId: againstId, againstId: shop.active.id })).toMatchObject({ asOf, horizonDays, customers });
  });

  it('is of the window of a snapshot that this version can read', async () => {
    const { manager } = shop.database.dataSource;
    const ofEarlierVersion = { asOf: before(scoredAsOf, -1), horizonDays: 365, completedAt: new Date() };
    const newer = await manager.save(manager.create(Snapshot, ofEarlierVersion));
    const againstId = await shop.copyOf(shop.active, {});
    await manager.update(ModelVersion, againstId, { snapshotId: newer.id });
    const { asOf, customers } = await compare();
    expect(await compare({ againstId })).toMatchObject({ asOf, customers });
    await expect(compare({ modelId: againstId, againstId })).rejects.toMatchObject({
      code: 'INSUFFICIENT_DATA',
      message: expect.stringContaining('Give an as-of date'),
    });
  });

  it('is of the other snapshot’s window where the newer one is deleted meanwhile, and says what to do where both are', async () => {
    const { manager } = shop.database.dataSource;
    const kept = await manager.findOneByOrFail(Snapshot, { id: shop.active.snapshotId! });
    const newer = await manager.save(manager.create(Snapshot, { ...kept, id: undefined, asOf: before(scoredAsOf, -1) }));
    const againstId = await shop.copyOf(shop.active, {});
    await manager.update(ModelVersion, againstId, { snapshotId: newer.id });
    const { asOf, customers } = await compare();
    const deletion = { ...context, progress: { report: async () => void (await manager.delete(Snapshot, newer.id)) } };
    const whileDeleted = (modelId: string) =>
      runComparison(shop.database.dataSource, shop.models, { modelId, againstId }, deletion);
    expect((await whileDeleted(shop.active.id)).report).toMatchObject({ asOf, customers });
    await manager.save(newer);
    await manager.update(ModelVersion, againstId, { snapshotId: newer.id });
    await expect(whileDeleted(againstId)).rejects.toMatchObject({
      code: 'INSUFFICIENT_DATA',
      message: expect.stringContaining('whose snapshots are still there'),
    });
  });

  it('as of a date that the models know the future of is on held-out customers only', async () => {
    const period = { asOf: before(scoredAsOf, 200), horizonDays: 180 };
    const report = await compare({ period });
    expect(report).toMatchObject({ asOf: period.asOf.toISOString(), horizonDays: 180, heldOutOnly: true });
    expect(report.warnings).toHaveLength(2);
    const [{ trained }] = await shop.database.dataSource.query<[{ trained: number }]>(
      `select count(distinct customer_id)::int as trained from snapshot_row where snapshot_id = $1 and split = 'TRAIN'`,
      [shop.active.snapshotId],
    );
    expect(report.customers).toBeLessThan(trained / 2);
  });

  it('as of a date after all that they were trained on is on everybody, without a warning', async () => {
    const { manager } = shop.database.dataSource;
    const period = { asOf: before(scoredAsOf, 200), horizonDays: 180 };
    // Of the day of its as-of instant it knows nothing.
    const snapshotAsOf = new Date(period.asOf.getTime() + dayMs / 2);
    const early = await manager.save(
      manager.create(Snapshot, { asOf: snapshotAsOf, horizonDays: 365, completedAt: new Date() }),
    );
    const [a, b] = [await shop.copyOf(shop.active, {}), await shop.copyOf(shop.active, lowBound())];
    for (const id of [a, b]) await manager.update(ModelVersion, id, { snapshotId: early.id });
    const report = await compare({ modelId: a, againstId: b, period });
    const [{ bought }] = await shop.database.dataSource.query<[{ bought: number }]>(
      'select count(distinct customer_id)::int as bought from purchase_day where net > 0 and day < $1',
      [period.asOf],
    );
    expect(report).toMatchObject({ customers: bought, heldOutOnly: false, warnings: [] });
  });

  it('knows what a model had learnt though its snapshot was deleted, where it was checked', async () => {
    const { manager } = shop.database.dataSource;
    const unchecked = await shop.copyOf({ ...shop.active, snapshotId: null, metrics: {} }, {});
    const gone = await shop.copyOf({ ...shop.active, snapshotId: null }, {});
    const period = { asOf: before(scoredAsOf, 200), horizonDays: 180 };
    const { warnings } = await compare({ modelId: gone, againstId: unchecked, period });
    expect(warnings.map(({ code, message }) => [code, message])).toEqual([
      ['TRAINED_ON_WINDOW', expect.stringContaining(`up to ${dayOf(scoredAsOf)},`)],
      ['SNAPSHOT_UNKNOWN', expect.stringContaining('is gone')],
    ]);
    // Of another model that was checked on a window that ended at the date, though the instant be within the day.
    const metrics = { validation: { asOf: before(period.asOf, 90).toISOString(), horizonDays: 90 } };
    await manager.update(ModelVersion, gone, { metrics });
    const within = { ...period, asOf: new Date(period.asOf.getTime() + dayMs / 2) };
    const early = await manager.save(
      manager.create(Snapshot, { asOf: new Date(within.asOf.getTime() + 1), horizonDays: 365, completedAt: new Date() }),
    );
    await manager.update(ModelVersion, unchecked, { snapshotId: early.id });
    const report = await compare({ modelId: gone, againstId: unchecked, period: within });
    expect(report).toMatchObject({ heldOutOnly: false, warnings: [] });
  });

  it('refuses a horizon that is not over, and an unknown model', async () => {
    const open = compare({ period: { asOf: before(scoredAsOf, 30), horizonDays: 60 } });
    const message = expect.stringContaining('The horizon from') as string;
    await expect(open).rejects.toMatchObject({ code: 'INSUFFICIENT_DATA', message });
    // Bought is on the last day, too, so that a horizon may end with it.
    const [{ day }] = await shop.database.dataSource.query<[{ day: string }]>(
      'select max(day)::text as day from purchase_day',
    );
    const end = new Date(Date.parse(day) + dayMs);
    await requireClosedHorizon(shop.database.dataSource, before(end, 30), 30);
    await expect(requireClosedHorizon(shop.database.dataSource, before(end, 29), 30)).rejects.toMatchObject({
      code: 'INSUFFICIENT_DATA',
    });
    const { dataSource } = shop.database;
    const boughtFrom = (first: string, last: Date) =>
      dataSource.query(
        `insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
         select (select min(id) from customer), day, 5, 5, 0, 1, 1, 1
         from generate_series($1::date, $2::date, interval '1 day') day on conflict do nothing`,
        [first, dayOf(last)],
      );
    // A single order, weeks after all others, makes nobody else's spend known.
    const stray = new Date(end.getTime() + 40 * dayMs);
    await boughtFrom(dayOf(stray), stray);
    await expect(requireClosedHorizon(dataSource, before(stray, 30), 30)).rejects.toMatchObject({
      code: 'INSUFFICIENT_DATA',
      message: expect.stringContaining(day),
    });
    await requireClosedHorizon(dataSource, before(end, 30), 30);
    // Today is not over, though some have bought.
    const today = startOfDay(new Date());
    await boughtFrom(dayOf(end), today);
    await requireClosedHorizon(dataSource, before(today, 30), 30);
    await expect(requireClosedHorizon(dataSource, before(today, 29), 30)).rejects.toMatchObject({
      code: 'INSUFFICIENT_DATA',
    });
    await expect(compare({ againstId: '999999' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

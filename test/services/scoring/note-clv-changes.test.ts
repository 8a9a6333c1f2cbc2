import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { ClvChange, ModelVersion } from '../../../src/entities/index.js';
import { lockErasures } from '../../../src/services/ingestion/live/erasure.js';
import { ModelsService } from '../../../src/services/models/models.service.js';
import { noteClvChanges } from '../../../src/services/scoring/note-clv-changes.js';
import { findScoredBase } from '../../../src/services/scoring/scored-base.js';
import { finishScoring, rankAgain } from '../../../src/services/scoring/scoring.service.js';
import { scoredAsOf, scoredHorizonDays, useScoredShop } from '../../support/scored-shop.js';
import { untilLocked } from '../../support/waiting.js';

describe('what lists last told of customers', () => {
  const shop = useScoredShop();
  let modelId: string;
  /** Of the best, whose values differ by much more than 5 %. */
  let ids: string[];
  let day = 0;
  beforeAll(async () => {
    [{ id: modelId }] = await shop.dataSource.query<[{ id: string }]>(
      `select id from model_version where state = 'ACTIVE'`,
    );
    const best = await shop.dataSource.query<{ id: string }[]>(
      'select customer_id as id from prediction order by expected_value desc limit 30',
    );
    ids = best.map(({ id }) => id);
  });

  const noted = (id: string) => shop.dataSource.manager.findOneByOrFail(ClvChange, { customerId: id });
  const period = (model = modelId) => ({
    modelId: model,
    horizonDays: scoredHorizonDays,
    asOf: new Date(scoredAsOf.getTime() + day * dayMs),
  });

  /** A scoring of the next day that finds what the one before did, but for some values, each times a factor. */
  async function scoreNextDay(factors: Record<string, number> = {}, model = modelId): Promise<Date> {
    await shop.dataSource.query(
      `insert into prediction select altered.* from prediction p,
         jsonb_populate_record(p, jsonb_build_object('model_id', $4::bigint, 'as_of', p.as_of + interval '1 day',
           'expected_value', p.expected_value * coalesce(($3::jsonb ->> p.customer_id::text)::float8, 1))) altered
       where p.model_id = $1 and p.as_of = $2`,
      [modelId, period().asOf, factors, model],
    );
    day += 1;
    await finishScoring(shop.dataSource, period(model), { ...period(), horizonDays: scoredHorizonDays });
    const [{ at }] = await shop.dataSource.query<[{ at: Date }]>('select max(changed_at) as at from clv_change');
    return at;
  }

  it('is what the first scoring found, of everybody with a prediction', async () => {
    const all = await shop.dataSource.query<unknown[]>(
      `select from prediction p left join clv_change v using (customer_id)
       where p.expected_value is distinct from v.value or v.previous_value is not null or v.previous_tier is not null
         or v.tier_changed_at <> v.changed_at or v.changed_at <> date_trunc('milliseconds', v.changed_at)`,
    );
    expect(all).toEqual([]);
    const [counts] = await shop.dataSource.query<[object]>(
      `select (select count(*) from prediction) - count(*) as missing, count(distinct changed_at) as times,
         count(*) filter (where tier = 'PLATINUM') between 10 and 16 as "theBest" from clv_change`,
    );
    expect(counts).toEqual({ missing: '0', times: '1', theBest: true });
  });

  it('stays while values and tiers do, and moves a little', async () => {
    const before = await noted(ids[0]!);
    const at = await scoreNextDay({ [ids[0]!]: 1.04 });
    expect(at).toEqual(before.changedAt);
    expect(await noted(ids[0]!)).toEqual(before);
  });

  it('changes once slow changes have added up, with the value of the change before', async () => {
    const before = await noted(ids[0]!);
    // More than 5 % of the value before, less than that of the new one.
    const at = await scoreNextDay({ [ids[0]!]: 1.011 });
    const change = await noted(ids[0]!);
    expect(at.getTime()).toBeGreaterThan(before.changedAt.getTime());
    expect(change).toMatchObject({ changedAt: at, previousValue: before.value, tier: 'PLATINUM', previousTier: null });
    expect(change.value).toBeCloseTo(before.value * 1.04 * 1.011, 8);
    expect(change.tierChangedAt).toEqual(before.tierChangedAt);
    expect(await shop.dataSource.manager.countBy(ClvChange, { changedAt: at })).toBe(1);
  });

  it('does not change by less than a hundredth of the mean, however small the value is', async () => {
    const [{ id, value, mean }] = await shop.dataSource.query<[{ id: string; value: number; mean: number }]>(
      `select customer_id as id, expected_value as value, avg(expected_value) over () as mean
       from prediction where as_of = $1 order by expected_value limit 1`,
      [period().asOf],
    );
    const [before, step] = [await noted(id), 0.008 * mean];
    expect(step).toBeGreaterThan(0.05 * (value + step));
    await scoreNextDay({ [id]: (value + step) / value });
    expect(await noted(id)).toEqual(before);
    const at = await scoreNextDay({ [id]: (value + 2 * step) / (value + step) });
    expect(await noted(id)).toMatchObject({ changedAt: at, previousValue: value, tier: 'BRONZE' });
  });

  it('changes with the tier, however little the value moves', async () => {
    const [{ low, high, factor }] = await shop.dataSource.query<[{ low: string; high: string; factor: number }]>(
      `select a.customer_id as low, b.customer_id as high, b.expected_value / a.expected_value * 1.0001 as factor
       from prediction a, prediction b where a.as_of = $1 and b.as_of = $1 and a.percentile < 95 and b.percentile >= 95
       order by a.percentile desc, b.percentile limit 1`,
      [period().asOf],
    );
    const before = await noted(low);
    const at = await scoreNextDay({ [low]: factor });
    expect(await noted(low)).toMatchObject({ tier: 'PLATINUM', previousTier: 'GOLD', tierChangedAt: at });
    expect(await noted(high)).toMatchObject({ tier: 'GOLD', previousTier: 'PLATINUM', tierChangedAt: at });
    const later = await scoreNextDay({ [low]: 1.2 });
    expect(await noted(low)).toMatchObject({ changedAt: later, tierChangedAt: at, previousTier: 'GOLD' });
    expect((await noted(low)).previousValue).toBeCloseTo(before.value * factor, 8);
  });

  it('is 0 in the lowest tier of whoever has lost the prediction', async () => {
    const [id] = ids as [string];
    const before = await noted(id);
    await shop.dataSource.query('delete from prediction where customer_id = $1', [id]);
    const at = await scoreNextDay();
    const gone = { changedAt: at, value: 0, previousValue: before.value, tier: 'BRONZE', previousTier: 'PLATINUM' };
    expect(await noted(id)).toMatchObject(gone);
    await scoreNextDay();
    expect(await noted(id)).toMatchObject(gone);
  });

  it('is that of the scoring that lists read, whatever else is kept, and BRONZE of who has no rank yet', async () => {
    const { dataSource } = shop;
    const [, id] = ids as [string, string];
    const before = await noted(id);
    await dataSource.query(
      `insert into prediction select altered.* from prediction p,
         (values ('{"horizon_days": 30}'::jsonb), ('{"as_of": "2025-01-01T00:00:00Z"}')) as other (fields),
         jsonb_populate_record(p, other.fields || jsonb_build_object('expected_value', 9 * p.expected_value)) altered`,
    );
    expect(await noteClvChanges(dataSource)).toEqual({ modelId, changed: 0 });
    await dataSource.query(`delete from prediction where horizon_days = 30 or as_of = '2025-01-01T00:00:00Z'`);
    const rank = (percentile: string) =>
      dataSource.query(`update prediction set percentile = ${percentile} where customer_id = $1`, [id]);
    await rank('null');
    expect(await noteClvChanges(dataSource)).toEqual({ modelId, changed: 1 });
    expect(await noted(id)).toMatchObject({ value: before.value, tier: 'BRONZE', previousTier: before.tier });
    await rank('99.9');
    expect(await noteClvChanges(dataSource)).toEqual({ modelId, changed: 1 });
  });

  it('changes with another model only where that says something else, once it serves, and back again', async () => {
    const { dataSource } = shop;
    const [{ id: other }] = await dataSource.query<[{ id: string }]>(
      `with copied as (
         insert into model_version (base, strategy, objective, state, serving)
         select base, strategy, objective, 'CANDIDATE', serving from model_version where id = $1 returning id)
       insert into model_artifact (model_id, kind, sha256, content)
       select id, 'MODEL', '', '' from copied returning model_id as id`,
      [modelId],
    );
    const [, id, same] = ids as [string, string, string];
    const [before, unmoved] = [await noted(id), await noted(same)];
    await scoreNextDay({ [id]: 1.5 }, other);
    expect(await noted(id)).toEqual(before);
    const models = new ModelsService(dataSource);
    await models.promote(other);
    expect(await noteClvChanges(dataSource)).toEqual({ modelId: other, changed: expect.any(Number) });
    const after = await noted(id);
    expect(after.value).toBeCloseTo(before.value * 1.5, 8);
    expect(after.previousValue).toBe(before.value);
    expect(await noted(same)).toEqual(unmoved);
    await models.rollback();
    await noteClvChanges(dataSource);
    const back = await noted(id);
    expect(back).toMatchObject({ value: before.value, previousValue: after.value });
    expect(await noteClvChanges(dataSource)).toEqual({ modelId, changed: 0 });
    expect(await noted(id)).toEqual(back);
  });

  it('follows what a scoring has left that was not finished', async () => {
    const id = ids[3]!;
    const before = await noted(id);
    day -= 1;
    await shop.dataSource.query(
      'update prediction set expected_value = expected_value * 2 where customer_id = $1 and model_id = $2',
      [id, modelId],
    );
    await rankAgain(shop.dataSource, period());
    expect((await noted(id)).value).toBeCloseTo(before.value * 2, 8);
  });

  it('is not ranked where a scoring was not finished that was over another horizon', async () => {
    const { dataSource } = shop;
    await dataSource.query(
      `insert into prediction select o.* from prediction p,
         jsonb_populate_record(p, '{"horizon_days": 30, "percentile": null}') o where p.model_id = $1 limit 3`,
      [modelId],
    );
    await rankAgain(dataSource, { ...period(), horizonDays: 30 });
    const ranked = await dataSource.query('select percentile from prediction where horizon_days = 30');
    expect(ranked).toEqual(Array.from({ length: 3 }, () => ({ percentile: null })));
    await dataSource.query('delete from prediction where horizon_days = 30');
  });

  it('stays where a scoring that was not finished is ranked while one of the next day becomes what lists read', async () => {
    const { dataSource } = shop;
    const unfinished = period();
    const next = dataSource.createQueryRunner();
    await next.startTransaction();
    await next.query(`update model_version set scored_as_of = scored_as_of + interval '1 day' where id = $1`, [
      modelId,
    ]);
    const ranking = rankAgain(dataSource, unfinished);
    const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    while ((await dataSource.query<unknown[]>(waiting)).length === 0) await sleep(20);
    await next.query(`update prediction set as_of = as_of + interval '1 day' where model_id = $1`, [modelId]);
    await next.commitTransaction();
    await next.release();
    await ranking;
    const { scored } = await findScoredBase(dataSource);
    expect(scored?.asOf).toEqual(new Date(unfinished.asOf.getTime() + dayMs));
    expect(await noteClvChanges(dataSource)).toMatchObject({ modelId, changed: 0 });
  });

  it('stays where a scoring takes away the predictions that are being compared', async () => {
    const { dataSource } = shop;
    const before = await dataSource.query('select * from clv_change order by customer_id');
    const next = dataSource.createQueryRunner();
    await next.startTransaction();
    await next.query('lock table clv_change in access exclusive mode');
    const noting = noteClvChanges(dataSource);
    await untilLocked(dataSource);
    const aDay = (sign: '+' | '-') => [
      `update model_version set scored_as_of = scored_as_of ${sign} interval '1 day' where state = 'ACTIVE'`,
      `update prediction set as_of = as_of ${sign} interval '1 day'`,
    ];
    for (const sql of aDay('+')) await next.query(sql);
    await next.commitTransaction();
    await next.release();
    expect(await noting).toEqual({ modelId, changed: 0 });
    expect(await dataSource.query('select * from clv_change order by customer_id')).toEqual(before);
    for (const sql of aDay('-')) await dataSource.query(sql);
  });

  it('stays where lists read no predictions any more', async () => {
    const { dataSource } = shop;
    const before = await dataSource.query('select * from clv_change order by customer_id');
    const { id, scoredAsOf: asOf } = await dataSource.manager.findOneByOrFail(ModelVersion, { state: 'ACTIVE' });
    await dataSource.manager.update(ModelVersion, id, { scoredAsOf: null });
    expect(await noteClvChanges(dataSource)).toEqual({ modelId: null, changed: 0 });
    await dataSource.manager.update(ModelVersion, id, { scoredAsOf: asOf });
    expect(await dataSource.query('select * from clv_change order by customer_id')).toEqual(before);
  });

  it('has nothing of who is erased meanwhile', async () => {
    const { dataSource } = shop;
    const id = ids[4]!;
    await dataSource.query('delete from clv_change where customer_id = $1', [id]);
    const erasure = dataSource.createQueryRunner();
    await erasure.startTransaction();
    await erasure.query(lockErasures);
    await erasure.query('delete from customer where id = $1', [id]);
    const noting = noteClvChanges(dataSource);
    const waiting = `select 1 from pg_locks join pg_database d on d.oid = database
      where not granted and locktype = 'advisory' and datname = current_database()`;
    while ((await dataSource.query<unknown[]>(waiting)).length === 0) await sleep(20);
    await erasure.commitTransaction();
    await erasure.release();
    await noting;
    expect(await dataSource.query('select from clv_change where customer_id = $1', [id])).toEqual([]);
  });

  it('is later than any change before, though the clock was set back', async () => {
    const { manager } = shop.dataSource;
    const [id, later] = [ids[5]!, ids[6]!];
    await manager.update(ClvChange, later, { changedAt: new Date('2100-01-01T00:00:00Z') });
    await shop.dataSource.query('update prediction set expected_value = expected_value * 2 where customer_id = $1', [
      id,
    ]);
    await noteClvChanges(shop.dataSource);
    expect(await noted(id)).toMatchObject({ changedAt: new Date('2100-01-01T00:00:00.001Z') });
  });
});

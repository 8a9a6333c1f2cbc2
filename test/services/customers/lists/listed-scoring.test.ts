import { beforeAll, describe, expect, it } from 'vitest';
import { dayMs } from '../../../../src/days.js';
import { ModelVersion } from '../../../../src/entities/index.js';
import { refreshPurchaseDays } from '../../../../src/ml/features/purchase-days.js';
import { cancelled } from '../../../../src/progress.js';
import { finishScoring } from '../../../../src/services/scoring/scoring.service.js';
import {
  factsChangedAtOf,
  saveAmongRanked,
  savePredictions,
} from '../../../../src/services/predictions/prediction-store.js';
import { scoredAsOne } from '../../../support/scored-customer.js';
import { useScoredShop, scoredAsOf, scoredHorizonDays } from '../../../support/scored-shop.js';
import { untilLocked } from '../../../support/waiting.js';

const daysLater = (days: number) => new Date(scoredAsOf.getTime() + days * dayMs);

describe('lists and segments', () => {
  const shop = useScoredShop();
  let modelId: string;
  beforeAll(async () => {
    [{ id: modelId }] = await shop.dataSource.query<[{ id: string }]>(
      `select id from model_version where state = 'ACTIVE'`,
    );
  });

  const model = () => shop.dataSource.manager.findOneByOrFail(ModelVersion, { id: modelId });
  const finish = (
    days: number,
    horizonDays: number,
    present = { asOf: daysLater(1), horizonDays: scoredHorizonDays },
  ) => finishScoring(shop.dataSource, { modelId, horizonDays, asOf: daysLater(days) }, present);

  it('lose a customer at once whose orders are all taken back', async () => {
    const { dataSource } = shop;
    const [{ id }] = await dataSource.query<[{ id: string }]>(
      'select customer_id as id from prediction order by expected_value desc limit 1',
    );
    await dataSource.query('delete from customer_order where customer_id = $1', [id]);
    await dataSource.transaction((manager) => refreshPurchaseDays(manager, [id]));
    expect(await dataSource.query('select from prediction where customer_id = $1', [id])).toEqual([]);
  });

  it.each([
    ['another horizon', 1, 30],
    ['a look back', -40, scoredHorizonDays],
    ['a look back over another horizon', -40, 30],
  ])('do not read a scoring of %s', async (_what, days, horizonDays) => {
    expect(await finish(days, horizonDays)).toBe(false);
    expect(await model()).toMatchObject({ scoredAsOf, scoredHorizonDays });
    const kept = 'select count(*)::integer as n from prediction where model_id = $1 and as_of = $2';
    const [{ n }] = await shop.dataSource.query<[{ n: number }]>(kept, [modelId, scoredAsOf]);
    expect(n).toBeGreaterThan(100);
  });

  it('do not read one that is cancelled while it is ranked', async () => {
    const { dataSource } = shop;
    const present = { asOf: daysLater(1), horizonDays: scoredHorizonDays };
    const cancelling = new AbortController();
    const progress = { report: () => cancelling.abort(cancelled()) };
    const { signal } = cancelling;
    await dataSource.query(
      `insert into prediction select later.* from prediction p,
         jsonb_populate_record(p, jsonb_build_object('as_of', $2::timestamptz)) later where p.model_id = $1`,
      [modelId, daysLater(1)],
    );
    await expect(
      finishScoring(dataSource, { modelId, ...present }, present, { progress, signal }),
    ).rejects.toMatchObject({
      code: 'RUN_CANCELLED',
    });
    expect(await model()).toMatchObject({ scoredAsOf, scoredHorizonDays });
    await dataSource.query('delete from prediction where as_of = $1', [present.asOf]);
  });

  it('read one of the present, of a later day than before, and of the past where that is the present', async () => {
    await shop.dataSource.query(
      `insert into explanation (model_id, horizon_days, as_of, customer_id, feature_hash, content)
       select $1, $2, as_of, min(id), '', '{}' from customer, unnest($3::timestamptz[]) as_of group by as_of`,
      [modelId, scoredHorizonDays, [scoredAsOf, daysLater(1)]],
    );
    expect(await finish(1, scoredHorizonDays)).toBe(true);
    // Nobody reads those of an earlier day any more.
    expect(await shop.dataSource.query('select as_of as "asOf" from explanation')).toEqual([{ asOf: daysLater(1) }]);
    expect(await finish(0, scoredHorizonDays, { asOf: daysLater(0), horizonDays: scoredHorizonDays })).toBe(true);
    expect(await finish(1, scoredHorizonDays, { asOf: daysLater(2), horizonDays: scoredHorizonDays })).toBe(true);
    expect(await model()).toMatchObject({ scoredAsOf: daysLater(1), scoredHorizonDays });
  });

  it('read one of another model than the active one only once it serves', async () => {
    await shop.dataSource.query(`update model_version set state = 'CANDIDATE' where id = $1`, [modelId]);
    try {
      expect(await finish(1, scoredHorizonDays)).toBe(false);
      expect(await model()).toMatchObject({ scoredAsOf: daysLater(1), scoredHorizonDays });
    } finally {
      await shop.dataSource.query(`update model_version set state = 'ACTIVE' where id = $1`, [modelId]);
    }
  });

  it('rank nobody whom a request scores while the base is ranked', async () => {
    const { dataSource } = shop;
    const period = { modelId, horizonDays: scoredHorizonDays, asOf: daysLater(1) };
    const ids = await dataSource.query<[{ id: string }, { id: string }]>(
      'select customer_id as id from customer_summary where first_day < $1 order by customer_id limit 2',
      ['2025-06-01'],
    );
    const values = ids.map(({ id }) => scoredAsOne(id, daysLater(1)));
    const changed = await factsChangedAtOf(
      dataSource,
      ids.map(({ id }) => id),
    );
    await savePredictions(dataSource, period, values.slice(0, 1), changed);
    await dataSource.query('update model_version set scored_as_of = $2 where id = $1', [modelId, scoredAsOf]);
    const holder = dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('select 1 from prediction where customer_id = $1 for update', [ids[0].id]);
    const finished = finish(1, scoredHorizonDays);
    // Its ranking waits for the row that is held.
    await untilLocked(dataSource);
    expect(await saveAmongRanked(dataSource, period, values.slice(1), changed)).toHaveLength(1);
    await holder.rollbackTransaction();
    await holder.release();
    await finished;
    const kept = 'select customer_id as id from prediction where model_id = $1 and as_of = $2';
    expect(await dataSource.query(kept, [modelId, period.asOf])).toEqual([{ id: ids[0].id }]);
  });

  it('read another horizon once the shop is set to it', async () => {
    const present = { asOf: daysLater(1), horizonDays: 90 };
    // Be it a look back, since the other horizon is nothing that anybody asks for any more.
    expect(await finish(-40, 90, present)).toBe(true);
    expect(await finish(1, 90, present)).toBe(true);
    expect(await finish(1, scoredHorizonDays, present)).toBe(false);
    expect(await model()).toMatchObject({ scoredHorizonDays: 90 });
  });
});

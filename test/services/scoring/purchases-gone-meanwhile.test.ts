import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { refreshPurchaseDays } from '../../../src/ml/features/purchase-days.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import {
  factsChangedAtOf,
  saveAmongRanked,
  savePredictions,
} from '../../../src/services/predictions/prediction-store.js';
import { scoreShard } from '../../../src/services/scoring/scoring.service.js';
import { testConfig } from '../../support/config.js';
import { scoredAsOne } from '../../support/scored-customer.js';
import { scoredAsOf, scoredHorizonDays, useScoredShop } from '../../support/scored-shop.js';

const deleted = 'delete from customer_order where customer_id = $1';
const movedToTheDate = `update customer_order set placed_at = '${scoredAsOf.toISOString()}' where customer_id = $1`;
const cancelledAtOnce = `
  insert into order_line (order_id, line_number, product_id, quantity, unit_price)
  select order_id, 1000 + line_number, product_id, -quantity, unit_price
  from order_line join customer_order o on o.id = order_id where customer_id = $1`;
const losses = [
  ['are deleted', deleted, 'these'],
  ['turn out to be of the date itself', movedToTheDate, 'these'],
  ['were cancelled on their days', cancelledAtOnce, 'all'],
] as const;

/** One writes, the other follows while the first has not committed, and both are done. */
async function overtaken(first: QueryRunner, write: () => Promise<void>, follow: () => Promise<void>): Promise<void> {
  await first.startTransaction();
  await write();
  const followed = follow();
  await Promise.race([followed, sleep(500)]);
  await first.commitTransaction();
  await Promise.all([followed, first.release()]);
}

describe('a customer whose purchases go while a scoring writes keeps no prediction', () => {
  const shop = useScoredShop();

  /** Of two customers the first loses all orders of before the date; the second keeps a prediction. */
  async function twoScored(loss = deleted, refreshed: 'these' | 'all' = 'these') {
    const { dataSource } = shop;
    const rows = await dataSource.query<{ id: string; modelId: string }[]>(
      `select customer_id as id, model_id as "modelId" from prediction order by expected_value desc limit 2`,
    );
    const ids = rows.map(({ id }) => id) as [string, string];
    const scored = ids.map((id) => scoredAsOne(id, scoredAsOf));
    const period = { modelId: rows[0]!.modelId, horizonDays: scoredHorizonDays, asOf: scoredAsOf };
    const changed = await factsChangedAtOf(dataSource, ids);
    return {
      ids,
      period,
      save: (runner: QueryRunner) => savePredictions(runner, period, scored, changed),
      takeBack: async (runner: QueryRunner) => {
        await runner.query(loss, [ids[0]]);
        await refreshPurchaseDays(runner, refreshed === 'all' ? 'all' : [ids[0]]);
      },
      predicted: () =>
        dataSource.query<{ id: string }[]>(
          'select customer_id as id from prediction where customer_id = any($1::bigint[])',
          [ids],
        ),
    };
  }

  it.each(losses)('that comes a moment later: they %s', async (_, loss, refreshed) => {
    const { ids, save, takeBack, predicted } = await twoScored(loss, refreshed);
    const [deleting, scoring] = [shop.dataSource.createQueryRunner(), shop.dataSource.createQueryRunner()];
    await overtaken(
      deleting,
      () => takeBack(deleting),
      () => save(scoring),
    );
    await scoring.release();
    expect(await predicted()).toEqual([{ id: ids[1] }]);
  });

  it.each(losses)('that had come a moment before: they %s', async (_, loss, refreshed) => {
    const { ids, save, takeBack, predicted } = await twoScored(loss, refreshed);
    const [deleting, scoring] = [shop.dataSource.createQueryRunner(), shop.dataSource.createQueryRunner()];
    await shop.dataSource.query('delete from prediction where customer_id = $1', [ids[0]]);
    await overtaken(
      scoring,
      () => save(scoring),
      async () => {
        await deleting.startTransaction();
        await takeBack(deleting);
        await deleting.commitTransaction();
      },
    );
    await deleting.release();
    expect(await predicted()).toEqual([{ id: ids[1] }]);
  });

  it('that a request had made for its date', async () => {
    const { dataSource } = shop;
    const { ids, period: today, takeBack } = await twoScored();
    const period = { ...today, asOf: new Date(scoredAsOf.getTime() + dayMs) };
    const predicted = () =>
      dataSource.query('select customer_id as id from prediction where as_of = $1 and customer_id = $2', [
        period.asOf,
        ids[0],
      ]);
    const scored = [scoredAsOne(ids[0], period.asOf)];
    const changed = await factsChangedAtOf(dataSource, ids);
    const requesting = dataSource.createQueryRunner();
    await overtaken(
      requesting,
      async () => void (await saveAmongRanked(requesting, period, scored, changed)),
      () => dataSource.transaction(({ queryRunner }) => takeBack(queryRunner!)),
    );
    expect(await predicted()).toHaveLength(1);
    const models = new ModelLoader(dataSource, testConfig());
    const range = { firstId: ids[0], lastId: ids[0] };
    await scoreShard(dataSource, models, period, range, new AbortController().signal);
    await models.close();
    expect(await predicted()).toEqual([]);
  });
});

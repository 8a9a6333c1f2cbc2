import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { settleRealisedMetrics } from '../../../src/services/retraining/realised-metrics.js';
import { finishScoring } from '../../../src/services/scoring/scoring.service.js';
import { crossedByErasure } from '../../support/crossing.js';
import { scoredAsOf, scoredHorizonDays, useScoredShop } from '../../support/scored-shop.js';

describe('a scoring, though an erasure and it wait for each other,', () => {
  const shop = useScoredShop();
  const before = (days: number) => new Date(scoredAsOf.getTime() - days * dayMs).toISOString();
  const activeModel = async (): Promise<string> => {
    const [active] = await shop.dataSource.query<[{ id: string }]>(
      `select id from model_version where state = 'ACTIVE'`,
    );
    return active.id;
  };

  it('removes the predictions of the day before', async () => {
    const { dataSource } = shop;
    await dataSource.query(
      `insert into prediction select earlier.*
       from (select * from prediction order by customer_id limit 3) p,
         jsonb_populate_record(null::prediction, to_jsonb(p) || jsonb_build_object('as_of', $1::timestamptz)) earlier
       order by earlier.customer_id`,
      [before(1)],
    );
    const period = { modelId: await activeModel(), asOf: scoredAsOf, horizonDays: scoredHorizonDays };
    const ofDayBefore = `as_of = '${before(1)}'`;
    const finish = () => finishScoring(dataSource, period, period);
    expect(await crossedByErasure(dataSource, 'prediction', ofDayBefore, finish)).toBe(true);
    expect(await dataSource.query(`select from prediction where ${ofDayBefore}`)).toEqual([]);
  });

  it('settles what earlier ones predicted', async () => {
    const { dataSource } = shop;
    const [report] = await dataSource.query<[{ id: string }]>(
      `insert into drift_report (model_id, as_of, horizon_days, drift) values ($1, $2, 30, '{}') returning id`,
      [await activeModel(), before(100)],
    );
    await dataSource.query(
      `insert into drift_sample (report_id, horizon_days, customer_id, expected_value, logit, mu, sigma)
       select $1, 30, id, 1, 0, 0, 1 from customer order by id limit 3`,
      [report.id],
    );
    const ofReport = `report_id = ${report.id}`;
    const settle = () => settleRealisedMetrics(dataSource, new AbortController().signal);
    await crossedByErasure(dataSource, 'drift_sample', ofReport, settle);
    expect(await dataSource.query(`select from drift_sample where ${ofReport}`)).toEqual([]);
  });
});

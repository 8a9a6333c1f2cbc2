import { beforeAll, describe, expect, it } from 'vitest';
import { cancelled } from '../../../src/progress.js';
import { rankPredictions } from '../../../src/services/scoring/rank-predictions.js';
import { useTestDatabase } from '../../support/database.js';

const customers = 60_001;
const period = { modelId: '1', horizonDays: 365, asOf: new Date('2026-01-01') };

/** Of each customer another value, the newest one's the lowest, of another horizon the highest; but two, apart from each other, share one. */
const scored = `
  with model as (
    insert into model_version (base, strategy, objective, state) values ('built-in', 'FULL', 'ZILN', 'CANDIDATE') returning id
  )
  insert into prediction (model_id, horizon_days, as_of, customer_id, basis, expected_value, purchase_probability, mu,
    sigma, expected_orders, percentile, facts_changed_at, feature_hash)
  select model.id, days, '2026-01-01', c.id, 'MODEL', case when days = 90 then c.id when c.id = 1 then 1 else $1 - c.id end, 0.5, 1, 1, 1, null,
    c.facts_changed_at, ''
  from customer c, model, unnest(array[90, 365]) days`;

describe('the ranks of a large base', () => {
  const database = useTestDatabase();
  beforeAll(async () => {
    const { dataSource } = database;
    await dataSource.query('insert into customer (external_id) select n from generate_series(1, $1::integer) n', [
      customers,
    ]);
    await dataSource.query(scored, [customers]);
  });

  it('are not written where that is cancelled between two parts', async () => {
    const cancelling = new AbortController();
    const progress = { report: () => cancelling.abort(cancelled()) };
    const { dataSource } = database;
    const ranking = dataSource.transaction((manager) =>
      rankPredictions(manager, period, { progress, signal: cancelling.signal }),
    );
    await expect(ranking).rejects.toMatchObject({ code: 'RUN_CANCELLED' });
    expect(await dataSource.query('select from prediction where percentile is not null limit 1')).toEqual([]);
  });

  it('are written in parts, with progress, each once; other horizons have none', async () => {
    const reported: [string, number][] = [];
    const progress = { report: (phase: string, share: number) => void reported.push([phase, share]) };
    await database.dataSource.transaction((manager) => rankPredictions(manager, period, { progress }));
    expect(reported).toEqual([
      ['ranking', 0],
      ['ranking', 0],
      ['ranking', 0.5],
    ]);
    const [counts] = await database.dataSource.query<object[]>(
      `select count(percentile)::integer as ranked, count(distinct percentile)::integer as ranks,
         count(*) filter (where percentile <> (100 * rank)::real)::integer as wrong
       from (
         select percentile, percent_rank() over (partition by horizon_days order by expected_value) as rank from prediction
       ) p`,
    );
    expect(counts).toEqual({ ranked: customers, ranks: customers - 1, wrong: 0 });
  });
});

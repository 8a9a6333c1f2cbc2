import { beforeAll, describe, expect, it } from 'vitest';
import { outcomeOf } from '../../../src/services/campaigns/campaign-outcome.js';
import { type CampaignPlan, reachOf } from '../../../src/services/campaigns/campaign-plan.js';
import {
  cellsStatement,
  contactedSpendStatement,
  cutStatement,
} from '../../../src/services/campaigns/campaign-statements.js';
import type { SpendDistribution, TotalSpend } from '../../../src/services/totals/total-spend.js';
import type { Statement } from '../../../src/services/sql-parameters.js';
import { useScoredShop, scoredAsOf, scoredHorizonDays } from '../../support/scored-shop.js';
import { momentsOf } from '../totals/moments.js';

describe('what a campaign reads', () => {
  const shop = useScoredShop();
  let plan: CampaignPlan;
  beforeAll(async () => {
    const [{ id: modelId }] = await shop.dataSource.query<[{ id: string }]>(
      `select id from model_version where state = 'ACTIVE'`,
    );
    const offer = { contactCost: 0.01, margin: 0.5, uplift: 0.1 };
    const period = { modelId, horizonDays: scoredHorizonDays, asOf: scoredAsOf };
    plan = { period, filter: null, offer, currency: 'EUR', reach: reachOf(offer) };
  });

  const read = <Row>({ sql, parameters }: Statement) => shop.dataSource.query<Row[]>(sql, parameters);

  it('are the predictions of its date, and of no other', async () => {
    const candidates = async () => outcomeOf(plan, await read(cellsStatement(plan))).candidates;
    const before = await candidates();
    await shop.dataSource.query(
      `insert into prediction select altered.* from prediction p,
         jsonb_populate_record(p, jsonb_build_object('as_of', p.as_of + interval '1 day')) altered`,
    );
    expect(await candidates()).toBe(before);
  });

  it('are the thousand distributions that vary most, the widest first', async () => {
    const { dataSource } = shop;
    await dataSource.query(`insert into customer (external_id) select 'many ' || i from generate_series(1, 1100) i`);
    await dataSource.query(
      `insert into prediction (customer_id, mu, sigma, purchase_probability, expected_value, model_id, horizon_days,
         as_of, basis, expected_orders, feature_hash, facts_changed_at)
       select c.id, case when c.external_id = 'many 7' then 2.5 else 5 end,
         case when c.external_id = 'many 7' then 2 else 0.1 end, 0.5, 100, $1, $2, $3, p.basis,
         p.expected_orders, p.feature_hash, p.facts_changed_at
       from customer c, (select * from prediction limit 1) p where c.external_id like 'many %'`,
      [plan.period.modelId, plan.period.horizonDays, plan.period.asOf],
    );
    const rows = await read<SpendDistribution>(contactedSpendStatement(plan, null));
    expect(rows).toHaveLength(1_000);
    expect(rows.some(({ sigma }) => sigma === 2)).toBe(true);
    const variances = rows.map((each) => momentsOf(each).variance);
    expect(variances[0]).toBeGreaterThan(variances[999]!);
    expect(variances).toEqual(variances.toSorted((a, b) => b - a));
  });

  it('are the moments of all who are contacted, not of those alone', async () => {
    const [row] = await read<TotalSpend>(contactedSpendStatement(plan, null));
    const all = await shop.dataSource.query<SpendDistribution[]>(
      `select purchase_probability::float8 as probability, mu::float8, sigma::float8 from prediction
       where model_id = $1 and horizon_days = $2 and as_of = $3 and expected_value > $4`,
      [plan.period.modelId, plan.period.horizonDays, plan.period.asOf, plan.reach.breakEvenClv],
    );
    expect(all.length).toBeGreaterThan(1_000);
    const moments = all.map(momentsOf);
    const mean = moments.reduce((sum, each) => sum + each.mean, 0);
    const variance = moments.reduce((sum, each) => sum + each.variance, 0);
    expect(row!.customers).toBe(all.length);
    expect(row!.mean / mean).toBeCloseTo(1, 9);
    expect(row!.variance / variance).toBeCloseTo(1, 9);
  });

  it('are the share that those who are contacted have of all predictions of the date', async () => {
    const filter = { clv: { min: 101 } };
    const [row] = await read<{ share: number }>(contactedSpendStatement({ ...plan, filter }, null));
    const [expected] = await shop.dataSource.query<[{ share: number }]>(
      `select sum(expected_value) filter (where expected_value >= 101) / sum(expected_value) as share from prediction
       where as_of = $1`,
      [plan.period.asOf],
    );
    expect(expected.share).toBeLessThan(0.9);
    expect(row!.share).toBeCloseTo(expected.share, 9);
  });

  it('of equal ones, contact first those with the larger ids, as far as the budget goes', async () => {
    const filter = { clv: { min: 100, max: 100 } };
    const offer = { ...plan.offer, budget: 0.07 };
    const equal = { ...plan, offer, filter, reach: reachOf(offer) };
    const { contacted, marginal } = outcomeOf(equal, await read(cellsStatement(equal)));
    const [, , , , , , seventh] = await shop.dataSource.query<{ id: string }[]>(
      'select customer_id as id from prediction where expected_value = 100 order by customer_id desc',
    );
    expect([contacted, marginal?.customerId]).toEqual([7, seventh!.id]);
    expect(await read(cutStatement(equal))).toEqual([{ value: 100, id: seventh!.id }]);
  });

  it('leave out those who are worth just what a contact costs: they would lose nothing, and gain nothing', async () => {
    const offer = { contactCost: 5, margin: 0.5, uplift: 0.1 };
    const even = { ...plan, offer, filter: { clv: { min: 100, max: 100 } }, reach: reachOf(offer) };
    expect(even.reach.breakEvenClv).toBe(100);
    expect(outcomeOf(even, await read(cellsStatement(even)))).toMatchObject({
      candidates: 1_100,
      contacted: 0,
      profitableDepth: 0,
      breakEvenDepth: 1_100,
      marginal: null,
    });
    expect(await read(contactedSpendStatement(even, null))).toEqual([]);
  });

  it('are told of a margin so small that nothing is left of a small amount', async () => {
    await shop.dataSource.query(
      `update prediction set expected_value = case when customer_id = (select min(customer_id) from prediction)
         then 0.1 else expected_value + 1 end`,
    );
    const offer = { contactCost: 0, margin: 5e-324, uplift: 1 };
    const least = { ...plan, offer, reach: reachOf(offer), filter: { clv: { min: 0.1, max: 0.1 } } };
    expect(outcomeOf(least, await read(cellsStatement(least)))).toMatchObject({
      contacted: 1,
      incrementalProfit: 0,
      breakEvenDepth: 1,
    });
  });
});

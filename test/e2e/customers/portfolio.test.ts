import { beforeAll, describe, expect, it } from 'vitest';
import { sum } from '../../../src/math.js';
import { scoredAsOf } from '../../support/scored-shop.js';
import { recordStatements } from '../../support/statements.js';
import { useScoredServer } from '../support/test-server.js';
import { untilWaitingFor } from '../../support/waiting.js';

interface Group {
  customers: number;
  predicted: number;
  share: number;
}

interface Bounds {
  level: number;
  lower: number;
  upper: number;
}

interface Portfolio {
  customers: number;
  totalPredicted: number;
  totalHistoric: number;
  deciles: (Group & { decile: number; meanPredicted: number })[];
  tiers: (Group & { tier: string })[];
  concentration: { topPercent: number; share: number }[];
  gini: number;
}

const query = `{ portfolio { customers totalPredicted totalHistoric gini currency asOf horizonDays model { state }
  deciles { decile customers predicted share meanPredicted } tiers { tier customers predicted share }
  concentration { topPercent share } } }`;

describe('the portfolio', () => {
  const server = useScoredServer();
  let portfolio: Portfolio;
  /** Descending. */
  let values: number[];

  beforeAll(async () => {
    // What comes after the as-of date is no history.
    await server.database.dataSource.query(
      `insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
       select id, '2025-07-01', 1000, 1000, 0, 1, 1, 1 from customer where external_id = 'lead'`,
    );
    await server.database.dataSource.query(
      `update customer_summary set spend = 1000 where customer_id = (select id from customer where external_id = 'lead')`,
    );
    const { data } = await server.ask<{ portfolio: Portfolio }>(query, { as: 'VIEWER' });
    portfolio = data.portfolio;
    values = (
      await server.database.dataSource.query<{ v: number }[]>(
        'select expected_value as v from prediction order by expected_value desc',
      )
    ).map(({ v }) => v);
  });

  it('adds up all predictions, and all spend before the as-of date', async () => {
    const [row] = await server.database.dataSource.query<{ spend: number }[]>(
      `select sum(net)::float8 as spend from purchase_day where day < '2025-07-01'`,
    );
    expect(portfolio).toMatchObject({
      customers: values.length,
      asOf: scoredAsOf.toISOString(),
      horizonDays: 365,
      currency: 'USD',
      model: { state: 'ACTIVE' },
    });
    expect(portfolio.totalPredicted).toBeCloseTo(sum(values), 1);
    expect(portfolio.totalHistoric).toBeCloseTo(row!.spend, 1);
  });

  it('says how sure the total is, as a campaign that doubles the spend does', async () => {
    const { data } = await server.ask<{
      portfolio: Record<'half' | 'most' | 'nearlyAll', Bounds>;
      campaignPlan: { uncertainty: { intervals: { revenueLower: number; revenueUpper: number }[] } };
    }>(
      `{ portfolio { half: totalInterval(level: 0.5) { level lower upper } most: totalInterval { level lower upper }
           nearlyAll: totalInterval(level: 0.95) { level lower upper } }
         campaignPlan(contactCost: 0, margin: 1, uplift: 1) { uncertainty { intervals { revenueLower revenueUpper } } } }`,
      { as: 'VIEWER' },
    );
    const { half, most, nearlyAll } = data.portfolio;
    expect([half.level, most.level, nearlyAll.level]).toEqual([0.5, 0.8, 0.95]);
    const bounds = [nearlyAll.lower, most.lower, half.lower, half.upper, most.upper, nearlyAll.upper];
    expect(bounds).toEqual(bounds.toSorted((a, b) => a - b));
    expect(most.lower).toBeLessThan(portfolio.totalPredicted);
    expect(most.upper).toBeGreaterThan(portfolio.totalPredicted);
    const doubled = data.campaignPlan.uncertainty.intervals;
    for (const [i, { lower, upper }] of [most, nearlyAll].entries()) {
      expect(lower / doubled[i]!.revenueLower).toBeCloseTo(1, 1);
      expect(upper / doubled[i]!.revenueUpper).toBeCloseTo(1, 1);
    }
    for (const level of [0, 1]) {
      const { errors } = await server.ask(`{ portfolio { totalInterval(level: ${level}) { lower } } }`);
      expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    }
  });

  it('cuts the customers into tenths, best first', () => {
    expect(portfolio.deciles.map(({ decile }) => decile)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    let start = 0;
    for (const { customers, predicted, share, meanPredicted } of portfolio.deciles) {
      const own = values.slice(start, (start += customers));
      expect(Math.abs(customers - values.length / 10)).toBeLessThan(1);
      expect(predicted).toBeCloseTo(sum(own), 1);
      expect(share).toBeCloseTo(sum(own) / sum(values), 9);
      expect(meanPredicted).toBeCloseTo(sum(own) / customers, 1);
    }
    expect(start).toBe(values.length);
  });

  it('says how much the best have', () => {
    expect(portfolio.concentration.map(({ topPercent }) => topPercent)).toEqual([1, 5, 10, 20, 50]);
    for (const { topPercent, share } of portfolio.concentration) {
      const best = values.slice(0, Math.ceil((values.length * topPercent) / 100));
      expect(share).toBeCloseTo(sum(best) / sum(values), 9);
    }
    // Mean absolute difference of all pairs over twice the mean.
    const n = values.length;
    const differences = sum(values.map((a) => sum(values.map((b) => Math.abs(a - b)))));
    expect(portfolio.gini).toBeCloseTo(differences / (2 * n * sum(values)), 9);
  });

  it('holds every customer in one tier', async () => {
    expect(portfolio.tiers.map(({ tier }) => tier)).toEqual(['PLATINUM', 'GOLD', 'SILVER', 'BRONZE']);
    expect(sum(portfolio.tiers.map(({ customers }) => customers))).toBe(values.length);
    expect(sum(portfolio.tiers.map(({ predicted }) => predicted))).toBeCloseTo(sum(values), 1);
    for (const { tier, customers } of portfolio.tiers.slice(0, 3)) {
      const { data } = await server.ask<{ previewSegment: { count: number } }>(
        `{ previewSegment(filter: { tier: [${tier}] }) { count } }`,
      );
      expect([tier, data.previewSegment.count]).toEqual([tier, customers]);
    }
  });

  it('takes two statements besides those that find the scoring, before and after', async () => {
    const recorder = recordStatements(server.database.dataSource);
    await server.services.portfolio.portfolio();
    expect(recorder.take()).toHaveLength(4);
  });

  it('is there for another horizon once all customers were scored for it as of the same date', async () => {
    const { dataSource } = server.database;
    const asked = (horizonDays: number) =>
      server.ask<{ portfolio: Portfolio & { horizonDays: number; totalInterval: Bounds } }>(
        `{ portfolio(horizonDays: ${horizonDays}) { customers totalPredicted totalInterval { lower upper } horizonDays asOf } }`,
      );
    const copy = (limit: number | null) =>
      dataSource.query(
        `insert into prediction (model_id, horizon_days, as_of, customer_id, basis, basis_reason, expected_value,
           purchase_probability, mu, sigma, expected_orders, feature_hash, facts_changed_at, percentile)
         select model_id, 90, as_of, customer_id, basis, basis_reason, expected_value / 2,
           purchase_probability, mu - ln(2), sigma, expected_orders, feature_hash, facts_changed_at, percentile
         from prediction where horizon_days = 365 order by customer_id limit $1 on conflict do nothing`,
        [limit],
      );
    expect((await asked(365)).data.portfolio.horizonDays).toBe(365);
    await copy(10);
    const [error] = (await asked(90)).errors!;
    expect(error).toMatchObject({
      message: expect.stringContaining(`startScoring(input: { horizonDays: 90, asOf: "${scoredAsOf.toISOString()}" })`),
      extensions: { code: 'MODEL_NOT_READY' },
    });
    await copy(null);
    const { data } = await asked(90);
    expect(data.portfolio).toMatchObject({
      customers: portfolio.customers,
      horizonDays: 90,
      asOf: scoredAsOf.toISOString(),
    });
    expect(data.portfolio.totalPredicted).toBeCloseTo(portfolio.totalPredicted / 2, 1);
    const longer = (await asked(365)).data.portfolio.totalInterval;
    expect(data.portfolio.totalInterval.lower / longer.lower).toBeCloseTo(0.5, 4);
    expect(data.portfolio.totalInterval.upper / longer.upper).toBeCloseTo(0.5, 4);
    for (const days of [-5, 0, 99_999]) {
      expect((await asked(days)).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    }
  });

  it('is read anew where a scoring that ends has taken away what was to be read', async () => {
    const { dataSource } = server.database;
    let asking: Promise<{ data: { portfolio: Portfolio } }> | undefined;
    await dataSource.transaction(async (manager) => {
      await manager.query('lock table prediction in access exclusive mode');
      asking = server.ask<{ portfolio: Portfolio }>(query, { as: 'VIEWER' });
      await untilWaitingFor(dataSource, 'prediction');
      await manager.query(`update prediction set as_of = as_of + interval '1 day'`);
      await manager.query(`update model_version set scored_as_of = scored_as_of + interval '1 day'`);
    });
    const { data } = await asking!;
    expect(data.portfolio.customers).toBe(values.length);
  });

  it('tells tiers apart within a hundredth of the base', async () => {
    // The two best are in the first hundredth; the second of them is as good as all others.
    await server.database.dataSource.query(
      `update prediction p set expected_value = case when rank = 1 then 500 else 100 end,
         percentile = case when rank = 1 then 100 else 0 end
       from (
         select customer_id, row_number() over (order by expected_value desc) as rank
         from prediction where horizon_days = 365
       ) ranked where ranked.customer_id = p.customer_id`,
    );
    const { tiers } = await server.services.portfolio.portfolio();
    expect(tiers.map(({ customers }) => customers)).toEqual([1, 0, 0, values.length - 1]);
  });

  it('has no shares of nothing where nobody is expected to buy', async () => {
    await server.database.dataSource.query('update prediction set expected_value = 0');
    const { data } = await server.ask<{ portfolio: Portfolio }>(query);
    expect(data.portfolio).toMatchObject({ customers: values.length, totalPredicted: 0, gini: 0 });
    expect(data.portfolio.tiers.map(({ share }) => share)).toEqual([0, 0, 0, 0]);
  });

  it('tells of no total of another scoring than its own', async () => {
    const read = await server.services.portfolio.portfolio();
    await server.database.dataSource.query(`update model_version set scored_as_of = scored_as_of + interval '1 day'`);
    await expect(server.services.portfolio.totalInterval(read, 0.8)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

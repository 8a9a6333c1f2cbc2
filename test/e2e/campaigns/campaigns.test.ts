import { beforeAll, describe, expect, it } from 'vitest';
import { quantile, sum } from '../../../src/math.js';
import { Random } from '../../../src/random.js';
import { globalId } from '../../../src/schema/global-id.js';
import { scoredAsOf } from '../../support/scored-shop.js';
import { recordStatements } from '../../support/statements.js';
import { useScoredServer } from '../support/test-server.js';
import { askedInTurn } from '../support/in-turn.js';

interface Prediction {
  id: string;
  value: number;
  probability: number;
  mu: number;
  sigma: number;
}

interface Outcome {
  candidates: number;
  contacted: number;
  cost: number;
  predicted: number;
  incrementalRevenue: number;
  incrementalProfit: number;
  returnOnInvestment: number | null;
  breakEvenClv: number;
  breakEvenUplift: number;
  profitableDepth: number;
  breakEvenDepth: number;
  marginalCustomer: { predicted: number; incrementalProfit: number; customer: { id: string } } | null;
  curve: { depth: number; share: number; cost: number; incrementalRevenue: number; incrementalProfit: number }[];
}

interface Listed {
  totalCount: number;
  edges: { node: { id: string; clv: { predicted: number } } }[];
  pageInfo: { hasNextPage: boolean; endCursor: string };
}

interface Plan {
  asOf: string;
  horizonDays: number;
  currency: string;
  model: { state: string };
  expected: Outcome;
  uncertainty: {
    probabilityOfProfit: number;
    intervals: {
      level: number;
      revenueLower: number;
      revenueUpper: number;
      profitLower: number;
      profitUpper: number;
    }[];
  };
  customers: Listed;
}

const query = `query($segment: ID, $filter: CustomerFilterInput, $contactCost: Float!, $margin: Float!, $uplift: Float!,
    $upliftInterval: UpliftIntervalInput, $budget: Float, $first: Int = 200, $after: String, $narrow: CustomerFilterInput) {
  campaignPlan(segment: $segment, filter: $filter, contactCost: $contactCost, margin: $margin, uplift: $uplift,
      upliftInterval: $upliftInterval, budget: $budget) {
    asOf horizonDays currency model { state }
    expected { candidates contacted cost predicted incrementalRevenue incrementalProfit returnOnInvestment
      breakEvenClv breakEvenUplift profitableDepth breakEvenDepth
      marginalCustomer { predicted incrementalProfit customer { id } }
      curve { depth share cost incrementalRevenue incrementalProfit } }
    uncertainty { probabilityOfProfit intervals { level revenueLower revenueUpper profitLower profitUpper } }
    customers(first: $first, after: $after, filter: $narrow) {
      totalCount edges { node { id clv { predicted } } } pageInfo { hasNextPage endCursor } }
  }
}`;

describe('a campaign plan', () => {
  const server = useScoredServer();
  /** Most valuable first. */
  let base: Prediction[];
  /** A contact pays for itself with the customer in the middle. */
  let offer: { contactCost: number; margin: number; uplift: number };

  beforeAll(async () => {
    base = await server.database.dataSource.query<Prediction[]>(
      `select customer_id as id, expected_value as value, purchase_probability::float8 as probability, mu::float8, sigma::float8
       from prediction order by expected_value desc, customer_id desc`,
    );
    const middle = base[Math.floor(base.length / 2)]!.value;
    offer = { contactCost: Math.round(4 * middle) / 100, margin: 0.4, uplift: 0.1 };
  });

  async function plan(variables: Record<string, unknown> = {}): Promise<Plan> {
    const { data, errors } = await server.ask<{ campaignPlan: Plan }>(query, {
      as: 'VIEWER',
      variables: { ...offer, ...variables },
    });
    expect(errors).toBeUndefined();
    return data.campaignPlan;
  }
  const profitOf = (value: number) => 0.04 * value - offer.contactCost;
  const idOf = (prediction: Prediction) => globalId('Customer', prediction.id);

  it('contacts everybody who is worth it where there is no budget', async () => {
    const { expected, ...of } = await plan();
    const worthIt = base.filter(({ value }) => profitOf(value) > 0);
    expect(worthIt.length).toBeGreaterThan(100);
    expect(worthIt.length).toBeLessThan(base.length - 100);
    const predicted = sum(worthIt.map(({ value }) => value));
    const cost = worthIt.length * offer.contactCost;
    expect(of).toMatchObject({
      asOf: scoredAsOf.toISOString(),
      horizonDays: 365,
      currency: 'USD',
      model: { state: 'ACTIVE' },
    });
    expect(expected).toMatchObject({
      candidates: base.length,
      contacted: worthIt.length,
      profitableDepth: worthIt.length,
      cost: expect.closeTo(cost, 1),
      predicted: expect.closeTo(predicted, 1),
      incrementalRevenue: expect.closeTo(0.1 * predicted, 1),
      incrementalProfit: expect.closeTo(sum(worthIt.map(({ value }) => profitOf(value))), 1),
      returnOnInvestment: expect.closeTo((0.04 * predicted - cost) / cost, 3),
      breakEvenClv: expect.closeTo(offer.contactCost / 0.04, 1),
      breakEvenUplift: expect.closeTo(cost / (0.4 * predicted), 6),
      marginalCustomer: {
        customer: { id: idOf(worthIt.at(-1)!) },
        predicted: expect.closeTo(worthIt.at(-1)!.value, 1),
        incrementalProfit: expect.closeTo(profitOf(worthIt.at(-1)!.value), 1),
      },
    });
  });

  it('draws a curve that is highest at the profitable depth, and says where it is lost', async () => {
    const { expected } = await plan();
    expect(expected.curve).toHaveLength(100);
    for (const { depth, share, cost, incrementalRevenue, incrementalProfit } of expected.curve) {
      const values = base.slice(0, depth).map(({ value }) => value);
      expect(share).toBeCloseTo(depth / base.length, 9);
      expect(cost).toBeCloseTo(depth * offer.contactCost, 1);
      expect(incrementalRevenue).toBeCloseTo(0.1 * sum(values), 1);
      expect(incrementalProfit).toBeCloseTo(sum(values.map(profitOf)), 1);
    }
    expect(expected.curve.at(-1)).toMatchObject({ depth: base.length, share: 1 });
    const highest = Math.max(...expected.curve.map(({ incrementalProfit }) => incrementalProfit));
    expect(highest).toBeLessThanOrEqual(expected.incrementalProfit);

    const dear = { contactCost: 0.06 * (sum(base.map(({ value }) => value)) / base.length) };
    const { breakEvenDepth } = (await plan(dear)).expected;
    const total = (depth: number) =>
      0.04 * sum(base.slice(0, depth).map(({ value }) => value)) - depth * dear.contactCost;
    expect(breakEvenDepth).toBeGreaterThan(0);
    expect(breakEvenDepth).toBeLessThan(base.length);
    expect(total(breakEvenDepth)).toBeGreaterThanOrEqual(0);
    expect(total(breakEvenDepth + 1)).toBeLessThan(0);
  });

  it('spends the budget on the most valuable ones, page by page', async () => {
    const budget = 43.5 * offer.contactCost;
    const { expected } = await plan({ budget });
    expect(expected).toMatchObject({ contacted: 43, marginalCustomer: { customer: { id: idOf(base[42]!) } } });
    expect(expected.profitableDepth).toBeGreaterThan(43);
    expect(expected.cost).toBeLessThanOrEqual(budget);
    const seen: string[] = [];
    for (let after: string | null = null; ;) {
      const { customers }: Plan = await plan({ budget, first: 20, after });
      expect(customers.totalCount).toBe(43);
      seen.push(...customers.edges.map(({ node }) => node.id));
      if (!customers.pageInfo.hasNextPage) break;
      after = customers.pageInfo.endCursor;
    }
    expect(seen).toEqual(base.slice(0, 43).map(idOf));
  });

  it('lists them in other orders and by other filters, too', async () => {
    const budget = 50 * offer.contactCost;
    const contacted = new Set(base.slice(0, 50).map(idOf));
    const narrow = { spend: { min: 200 }, purchaseProbability: { min: 0.5 } };
    const { customers } = await plan({ budget, narrow });
    const rows = await server.database.dataSource.query<{ id: string }[]>(
      `select id from (select customer_id as id, purchase_probability as p from prediction
         order by expected_value desc, customer_id desc limit 50) best
       join customer_summary s on s.customer_id = best.id where s.spend >= 200 and p >= 0.5`,
    );
    expect(customers.totalCount).toBe(rows.length);
    expect(new Set(customers.edges.map(({ node }) => node.id))).toEqual(
      new Set(rows.map(({ id }) => globalId('Customer', id))),
    );
    const { data } = await server.ask<{
      campaignPlan: { customers: { totalCount: number; edges: { node: { id: string; totalSpent: number } }[] } };
    }>(
      `query($contactCost: Float!, $margin: Float!, $uplift: Float!, $budget: Float) {
        campaignPlan(contactCost: $contactCost, margin: $margin, uplift: $uplift, budget: $budget) {
          customers(first: 200, orderBy: { field: SPEND, direction: ASC }) { totalCount edges { node { id totalSpent } } } } }`,
      { variables: { ...offer, budget } },
    );
    const bySpend = data.campaignPlan.customers.edges.map(({ node }) => node);
    expect(data.campaignPlan.customers.totalCount).toBe(50);
    expect(new Set(bySpend.map(({ id }) => id))).toEqual(contacted);
    expect(bySpend).toEqual(bySpend.toSorted((a, b) => a.totalSpent - b.totalSpent));
  });

  it('plans for a segment or a filter', async () => {
    const filter = { country: ['France'] };
    const segment = await server.services.segments.create({ name: 'France', filter });
    const ofFilter = await plan({ filter });
    const ofSegment = await plan({ segment: globalId('Segment', segment.id) });
    expect(ofSegment).toEqual(ofFilter);
    const [row] = await server.database.dataSource.query<{ n: number; total: number }[]>(
      `select count(*)::integer as n, sum(expected_value) as total from prediction p join customer c on c.id = p.customer_id
       where country = 'France' and expected_value > $1::float8`,
      [offer.contactCost / 0.04],
    );
    expect(row!.n).toBeGreaterThan(0);
    expect(ofFilter.expected).toMatchObject({ contacted: row!.n, predicted: expect.closeTo(row!.total, 1) });
    expect(ofFilter.customers.totalCount).toBe(row!.n);
    const ofBoth = (narrow: object) => plan({ filter, narrow });
    expect((await ofBoth({ country: ['France', 'Germany'] })).customers).toEqual(ofFilter.customers);
    expect((await ofBoth({ country: ['Germany'] })).customers.totalCount).toBe(0);
  });

  it('gives intervals of the total that a simulation of all contacted confirms', async () => {
    // A standard error of a tenth: see `levelScale`.
    const biasInterval = { lower: Math.exp(-0.196) - 1, upper: Math.exp(0.196) - 1 };
    const checkedOver = (horizonDays: number) =>
      server.database.dataSource.query('update model_version set metrics = $1', [
        { validation: { biasInterval, horizonDays } },
      ]);
    const { horizonDays } = await plan();
    await checkedOver(horizonDays);
    const { expected, uncertainty } = await plan();
    const contacted = base.filter(({ value }) => profitOf(value) > 0);
    // Variance of the zero-inflated lognormal, added up.
    const deviation = Math.sqrt(
      sum(
        contacted.map(({ probability: p, mu, sigma }) => {
          const mean = p * Math.exp(mu + sigma ** 2 / 2);
          return p * Math.exp(2 * mu + 2 * sigma ** 2) - mean ** 2;
        }),
      ),
    );
    expect(uncertainty.intervals.map(({ level }) => level)).toEqual([0.8, 0.95]);
    const [inner, outer] = uncertainty.intervals;
    expect(inner!.revenueLower).toBeLessThan(expected.incrementalRevenue);
    expect(inner!.revenueUpper).toBeGreaterThan(expected.incrementalRevenue);
    // The sum of many is nearly normal, times the model's level: Student's t with two degrees of freedom on a scale of logarithms.
    const random = new Random('confirms');
    const totals = Float64Array.from({ length: 20_000 }, () => {
      const level = (0.078 * random.normal()) / Math.sqrt(random.exponential(1));
      return (expected.incrementalRevenue + 0.1 * deviation * random.normal()) * Math.exp(level);
    }).sort();
    expect(inner!.revenueLower / quantile(totals, 0.1)).toBeCloseTo(1, 1);
    expect(inner!.revenueUpper / quantile(totals, 0.9)).toBeCloseTo(1, 1);
    expect(outer!.revenueLower / quantile(totals, 0.025)).toBeCloseTo(1, 0.8);
    expect(outer!.revenueUpper / quantile(totals, 0.975)).toBeCloseTo(1, 0.8);
    expect(outer!.revenueLower).toBeLessThan(inner!.revenueLower);
    expect(outer!.revenueUpper).toBeGreaterThan(inner!.revenueUpper);
    expect(inner!.profitLower).toBeCloseTo(0.4 * inner!.revenueLower - expected.cost, 1);
    expect(uncertainty.probabilityOfProfit).toBeGreaterThan(0.5);

    const unsure = await plan({ upliftInterval: { lower: -0.05, upper: 0.25 } });
    expect(unsure.expected).toEqual(expected);
    expect(unsure.uncertainty.intervals[1]!.revenueLower).toBeLessThan(outer!.revenueLower);
    expect(unsure.uncertainty.probabilityOfProfit).toBeLessThan(uncertainty.probabilityOfProfit);

    // The horizon is twice as long as the one that was checked.
    await checkedOver(horizonDays / 2);
    const further = await plan();
    expect(further.expected).toEqual(expected);
    expect(further.uncertainty.intervals[0]!.revenueLower).toBeLessThan(0.98 * inner!.revenueLower);

    // Nothing is known of the level.
    await server.database.dataSource.query(`update model_version set metrics = '{"validation": null}'`);
    const unchecked = await plan();
    expect(unchecked.expected).toEqual(expected);
    expect(unchecked.uncertainty.intervals[0]!.revenueLower).toBeLessThan(0.95 * inner!.revenueLower);
  });

  it.each([
    ['where nothing can be earned', { uplift: 0 }],
    ['without a budget that pays for one', { budget: 0 }],
    ['where nobody fits', { filter: { country: ['Atlantis'] } }],
  ])('contacts nobody %s', async (_name, variables) => {
    const { expected, uncertainty, customers } = await plan(variables);
    expect(expected).toMatchObject({
      contacted: 0,
      cost: 0,
      incrementalProfit: 0,
      returnOnInvestment: null,
      marginalCustomer: null,
    });
    expect(uncertainty.intervals[0]).toMatchObject({ revenueUpper: 0, profitUpper: 0 });
    expect(customers).toMatchObject({ totalCount: 0, edges: [] });
  });

  it('takes contacts that cost nothing', async () => {
    const { expected } = await plan({ contactCost: 0, budget: 0 });
    expect(expected).toMatchObject({
      contacted: base.filter(({ value }) => value > 0).length,
      returnOnInvestment: null,
      breakEvenDepth: base.length,
    });
  });

  it.each([
    [{ contactCost: -1 }, 'BAD_USER_INPUT', '0, or an amount of 0.000001 to 1,000,000,000,000'],
    [{ contactCost: 5e-324 }, 'BAD_USER_INPUT', '0, or an amount of 0.000001 to 1,000,000,000,000'],
    [{ contactCost: 1e13 }, 'BAD_USER_INPUT', '0, or an amount of 0.000001 to 1,000,000,000,000'],
    [{ margin: 40 }, 'BAD_USER_INPUT', '0.4 stands for 40 %'],
    [{ uplift: 15 }, 'BAD_USER_INPUT', '0.1 stands for 10 % more'],
    [{ budget: -5 }, 'BAD_USER_INPUT', '"budget" is -5'],
    [{ budget: 2e15 }, 'BAD_USER_INPUT', 'an amount of 0 to 1,000,000,000,000,000'],
    [{ upliftInterval: { lower: 0.2, upper: 0.3 } }, 'BAD_USER_INPUT', 'hold "uplift", which is 0.1'],
    [{ segment: globalId('Segment', '99') }, 'NOT_FOUND', 'no segment'],
    [{ segment: globalId('Segment', '99'), filter: {} }, 'BAD_USER_INPUT', 'not both'],
    [{ filter: { spend: { min: 2, max: 1 } } }, 'BAD_USER_INPUT', 'above its max'],
  ])('refuses %j', async (variables, code, message) => {
    const { errors } = await server.ask(query, { variables: { ...offer, ...variables } });
    expect(errors?.[0]).toMatchObject({ extensions: { code }, message: expect.stringContaining(message) });
  });

  it('breaks even nowhere where no number is large enough', async () => {
    const { expected } = await plan({ contactCost: 1e10, margin: 1e-298, uplift: 1 });
    expect(expected).toMatchObject({ breakEvenClv: null, breakEvenUplift: null });
  });

  it('needs few statements, whatever the size of the base', async () => {
    const recorder = recordStatements(server.database.dataSource);
    await server.services.campaigns.expected(await server.services.campaigns.plan({ ...offer, budget: 100 }));
    expect(recorder.take()).toHaveLength(4);
  });

  it('is made in turn with others, so that they do not take all connections', async () => {
    const expected = `{ campaignPlan(contactCost: 1, margin: 0.5, uplift: 0.1, filter: { orders: { min: 1 } }) {
      expected { cost } uncertainty { probabilityOfProfit } } }`;
    const answers = await askedInTurn(server, 'customer_summary', expected);
    for (const { errors } of answers) expect(errors).toBeUndefined();
  });

  it('refuses orders in several currencies, and a base that was never scored', async () => {
    const error = async () => (await server.ask(query, { variables: offer })).errors?.[0];
    const { dataSource } = server.database;
    await dataSource.query(
      `insert into customer_order (external_id, placed_at, currency, total) values ('anonymous', now(), 'EUR', 1)`,
    );
    expect((await plan()).currency).toBe('USD');
    const [[{ source, id }]] = await dataSource.query<[[{ source: string; id: string }]]>(
      `update customer_order set currency = 'EUR' where id = (
         select max(id) from customer_order where customer_id is not null
       ) returning source, external_id as id`,
    );
    expect(await error()).toMatchObject({
      extensions: { code: 'CONFLICT' },
      message: expect.stringContaining(
        `1 in EUR, such as order "${id}" of source "${source}". Send those again in USD, delete them or erase their customers`,
      ),
    });
    await dataSource.query(`update customer_order set currency = 'EUR'`);
    expect((await plan()).currency).toBe('EUR');
    await dataSource.query('update model_version set scored_as_of = null');
    expect(await error()).toMatchObject({ extensions: { code: 'MODEL_NOT_READY' } });
  });
});

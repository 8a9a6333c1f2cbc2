import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { globalId } from '../../../src/schema/global-id.js';
import { useScoredServer } from '../support/test-server.js';

interface Listed {
  totalCount: number;
  edges: { node: { id: string } }[];
  pageInfo: { hasNextPage: boolean; endCursor: string };
}

interface Plan {
  expected: {
    candidates: number;
    contacted: number;
    cost: number;
    predicted: number;
    incrementalProfit: number;
    marginalCustomer: { customer: { id: string } };
    curve: { depth: number }[];
  };
  uncertainty: { intervals: { revenueLower: number; revenueUpper: number }[] };
  customers: Listed;
  control: Listed;
}

const listed = 'totalCount edges { node { id } } pageInfo { hasNextPage endCursor }';
const query = `query($budget: Float, $control: ControlGroupInput, $first: Int = 200, $after: String) {
  campaignPlan(contactCost: 0.1, margin: 0.4, uplift: 0.1, budget: $budget, control: $control) {
    expected { candidates contacted cost predicted incrementalProfit marginalCustomer { customer { id } } curve { depth } }
    uncertainty { intervals { revenueLower revenueUpper } }
    customers(first: 200) { ${listed} }
    control(first: $first, after: $after) { ${listed} }
  }
}`;

const ids = ({ edges }: Listed) => edges.map(({ node }) => node.id);
/** As docs/campaigns.md says. */
const isHeldOut = (campaign: string, share: number, id: string) =>
  createHash('sha256').update(`${campaign}/${id}`).digest().readUInt32BE() < Math.floor(share * 2 ** 32);

describe('the control group of a campaign', () => {
  const server = useScoredServer();
  /** Those with whom a contact earns more than it costs, most valuable first. */
  let worthIt: { id: string; value: number }[];

  beforeAll(async () => {
    worthIt = await server.database.dataSource.query(
      `select customer_id as id, expected_value as value from prediction where expected_value > 2.5
       order by expected_value desc, customer_id desc`,
    );
  });

  async function plan(variables: Record<string, unknown>): Promise<Plan> {
    const { data, errors } = await server.ask<{ campaignPlan: Plan }>(query, { as: 'VIEWER', variables });
    expect(errors).toBeUndefined();
    return data.campaignPlan;
  }
  const split = (campaign: string, share: number) => ({
    contacted: worthIt.filter(({ id }) => !isHeldOut(campaign, share, id)),
    control: worthIt.filter(({ id }) => isHeldOut(campaign, share, id)),
  });
  const globalIds = (customers: readonly { id: string }[]) => customers.map(({ id }) => globalId('Customer', id));

  it('is left out of contacts, costs and expectations', async () => {
    const everybody = await plan({});
    expect(everybody.control).toMatchObject({ totalCount: 0, edges: [] });
    const { contacted, control } = split('spring', 0.3);
    expect(control.length).toBeGreaterThan(20);
    const { expected, uncertainty, ...lists } = await plan({ control: { campaign: 'spring', share: 0.3 } });
    expect(ids(lists.customers)).toEqual(globalIds(contacted));
    expect(ids(lists.control)).toEqual(globalIds(control));
    expect([lists.customers.totalCount, lists.control.totalCount]).toEqual([contacted.length, control.length]);
    const predicted = contacted.reduce((total, { value }) => total + value, 0);
    expect(expected).toMatchObject({
      contacted: contacted.length,
      cost: expect.closeTo(0.1 * contacted.length, 2),
      predicted: expect.closeTo(predicted, 1),
      incrementalProfit: expect.closeTo(0.04 * predicted - 0.1 * contacted.length, 1),
    });
    expect(expected.curve.at(-1)).toEqual({ depth: expected.candidates });
    expect(everybody.expected.candidates - expected.candidates).toBeGreaterThanOrEqual(control.length);
    const middle = (of: Plan['uncertainty']) => (of.intervals[0]!.revenueLower + of.intervals[0]!.revenueUpper) / 2;
    expect(middle(uncertainty)).toBeLessThan(middle(everybody.uncertainty));
  });

  it('reaches as deep as the contacts that the budget pays for, page by page', async () => {
    const { contacted, control } = split('autumn', 0.5);
    const last = contacted[29]!;
    const above = control.filter(({ value }) => value > last.value);
    expect(above.length).toBeGreaterThan(10);
    const variables = { budget: 3, control: { campaign: 'autumn', share: 0.5 }, first: 7 };
    const seen: string[] = [];
    for (let after: string | null = null; ;) {
      const { expected, customers, control: page }: Plan = await plan({ ...variables, after });
      expect(expected).toMatchObject({ contacted: 30, cost: 3 });
      expect(expected.marginalCustomer.customer.id).toBe(globalId('Customer', last.id));
      expect(ids(customers)).toEqual(globalIds(contacted.slice(0, 30)));
      seen.push(...ids(page));
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    expect(seen).toEqual(globalIds(above));
    expect((await plan({ ...variables, budget: 0 })).control).toMatchObject({ totalCount: 0, edges: [] });
  });

  it('is the same each time, grows with the share, and is another draw under another name', async () => {
    const group = async (campaign: string, share: number) =>
      ids((await plan({ control: { campaign, share } })).control);
    const half = await group('a', 0.5);
    expect(await group('a', 0.5)).toEqual(half);
    const quarter = await group('a', 0.25);
    expect(half).toEqual(expect.arrayContaining(quarter));
    const other = new Set(await group('b', 0.5));
    const both = half.filter((id) => other.has(id)).length;
    // Of independent halves about a quarter is in both: within four standard deviations.
    expect(Math.abs(both / worthIt.length - 0.25)).toBeLessThan(4 * Math.sqrt(0.1875 / worthIt.length));
    expect(await group('a', 0)).toEqual([]);
  });

  it.each([
    [{ campaign: 'x', share: 0.6 }, '"share" is 0.6'],
    [{ campaign: 'x', share: -0.1 }, '"share" is -0.1'],
    [{ campaign: '', share: 0.1 }, '"campaign" must be a name'],
    [{ campaign: ' x', share: 0.1 }, '"campaign" must be a name'],
    [{ campaign: 'a\0b', share: 0.1 }, '"campaign" must be a name'],
    [{ campaign: 'x'.repeat(101), share: 0.1 }, '"campaign" must be a name'],
  ])('refuses %j', async (control, message) => {
    const { errors } = await server.ask(query, { variables: { control } });
    expect(errors?.[0]).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
      message: expect.stringContaining(message),
    });
  });
});

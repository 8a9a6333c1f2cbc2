import { beforeAll, describe, expect, it } from 'vitest';
import { useScoredServer, useTestServer } from '../support/test-server.js';

interface CustomerNode {
  externalId: string;
  clv: {
    predicted: number;
    interval: { lower: number; upper: number };
    explanation: { baseline: number; residual: number; predicted: number; contributions: { amount: number }[] } | null;
  };
}

describe('without an active model', () => {
  const server = useTestServer();

  it('what needs predictions of all customers fails with MODEL_NOT_READY, the rest is answered', async () => {
    await server.ask('mutation { upsertCustomers(customers: [{ externalId: "c" }]) { items { status } } }');
    const plain = await server.ask('{ customers { totalCount edges { node { externalId numberOfOrders } } } }');
    expect(plain.data).toEqual({
      customers: { totalCount: 1, edges: [{ node: { externalId: 'c', numberOfOrders: 0 } }] },
    });
    const codes = async (query: string) =>
      (await server.ask(query)).errors?.map(({ path, extensions }) => [path?.at(-1), extensions.code]);
    expect(await codes('{ customers(orderBy: { field: CLV }) { totalCount } }')).toEqual([
      ['customers', 'MODEL_NOT_READY'],
    ]);
    expect(await codes('{ portfolio { customers } }')).toEqual([['portfolio', 'MODEL_NOT_READY']]);
    const list = await server.ask('{ customers(orderBy: { field: CLV }) { totalCount } }');
    expect(list.errors?.[0]?.message).toMatch(
      /^This needs predictions of all customers, and no model is active\. .*startPre/,
    );
    const preview = await server.ask(
      '{ previewSegment(filter: {}) { count totalPredicted totalInterval { lower } meanPredicted sample { externalId } } }',
    );
    expect(preview.data).toEqual({
      previewSegment: {
        count: 1,
        totalPredicted: null,
        totalInterval: null,
        meanPredicted: null,
        sample: [{ externalId: 'c' }],
      },
    });
  });

  it('a segment that needs predictions takes nothing else down', async () => {
    await server.ask(`mutation {
      upsertCustomers(customers: [{ externalId: "c" }]) { items { status } }
      a: createSegment(input: { name: "All", filter: {} }) { __typename }
      b: createSegment(input: { name: "Gold", filter: { tier: [GOLD] } }) { __typename }
      c: createSegment(input: { name: "No orders", filter: { orders: { max: 0 } } }) { __typename }
    }`);
    const { data } = await server.ask('{ customers(first: 1) { edges { node { segments { name } } } } }');
    expect(data).toEqual({ customers: { edges: [{ node: { segments: [{ name: 'All' }, { name: 'No orders' }] } }] } });
    const list = await server.ask(
      '{ segments(first: 2) { edges { node { name count totalPredictedClv totalInterval { lower } members { totalCount } } } } }',
      { as: 'VIEWER' },
    );
    expect(list.data).toEqual({
      segments: {
        edges: [
          {
            node: {
              name: 'No orders',
              count: 1,
              totalPredictedClv: null,
              totalInterval: null,
              members: { totalCount: 1 },
            },
          },
          { node: { name: 'Gold', count: null, totalPredictedClv: null, totalInterval: null, members: null } },
        ],
      },
    });
    const message =
      '"tier" needs predictions of all customers, and no model is active. An administrator makes one with startPreprocessing, startFineTune and promoteModel.';
    const failed = list.errors!.map(({ path, ...error }) => ({ field: String(path!.at(-1)), ...error }));
    expect(failed.toSorted((a, b) => a.field.localeCompare(b.field))).toMatchObject(
      ['count', 'members', 'totalInterval', 'totalPredictedClv'].map((field) => ({
        field,
        message,
        extensions: { code: 'MODEL_NOT_READY' },
      })),
    );
    const dashboard = await server.ask('{ portfolio { customers } me { role } }');
    expect(dashboard.data).toEqual({ portfolio: null, me: { role: 'ADMIN' } });
    expect(dashboard.errors).toMatchObject([{ path: ['portfolio'], extensions: { code: 'MODEL_NOT_READY' } }]);
  });

  it('a list of a campaign by predictions takes nothing else down', async () => {
    await server.database.dataSource.query(
      `insert into campaign (name, starts_on, currency, contact_cost, margin, uplift, control_share, contacts)
       values ('Spring', '2024-03-01', 'EUR', 1, 0.4, 0.1, 0.2, 0)`,
    );
    const { data, errors } = await server.ask(`{ campaigns { edges { node {
      name contacted(orderBy: { field: CLV }) { totalCount } control { totalCount }
    } } } }`);
    expect(data).toEqual({
      campaigns: { edges: [{ node: { name: 'Spring', contacted: null, control: { totalCount: 0 } } }] },
    });
    expect(errors).toMatchObject([
      { path: ['campaigns', 'edges', 0, 'node', 'contacted'], extensions: { code: 'MODEL_NOT_READY' } },
    ]);
  });

  it('every value in a list is answered, by the prior where there is anything to go by', async () => {
    const written = await server.ask(`mutation {
      upsertCustomers(customers: [{ externalId: "one" }, { externalId: "two" }, { externalId: "free" }]) {
        items { status } }
      upsertOrders(orders: [
        { externalId: "1", customerExternalId: "one", placedAt: "2025-03-01T12:00:00Z", total: "40" }
        { externalId: "2", customerExternalId: "two", placedAt: "2025-03-01T12:00:00Z", total: "40" }
        { externalId: "3", customerExternalId: "two", placedAt: "2025-04-01T12:00:00Z", total: "60" }
        { externalId: "4", customerExternalId: "free", placedAt: "2025-04-01T12:00:00Z", total: "0" }
      ]) { items { status } }
    }`);
    expect(written.errors).toBeUndefined();
    const { data, errors } = await server.ask<{ customers: { edges: { node: CustomerNode }[] } }>(`{
      customers { edges { node { externalId clv(horizonDays: 1096) {
        predicted historic basis basisReason percentile model { id } interval { lower upper } whatIfs { predicted }
        explanation { baseline residual predicted contributions { amount } tokens { token } }
      } } } }
    }`);
    expect(errors).toBeUndefined();
    const clv = Object.fromEntries(data!.customers.edges.map(({ node }) => [node.externalId, node.clv]));
    const none = { basis: 'NONE', predicted: 0, historic: 0, explanation: null, model: null, whatIfs: [] };
    expect(clv['c']).toMatchObject({ ...none, basisReason: 'NO_PURCHASES' });
    expect(clv['free']).toMatchObject({ ...none, basisReason: 'NO_PAID_PURCHASES' });
    for (const name of ['one', 'two']) {
      const { explanation, ...value } = clv[name]!;
      expect(value).toMatchObject({ basis: 'PRIOR', basisReason: 'NO_ACTIVE_MODEL', percentile: null, model: null });
      expect(value.predicted).toBeGreaterThan(0);
      expect(value.interval.upper).toBeGreaterThanOrEqual(value.interval.lower);
      const amounts = explanation!.contributions.reduce((sum, { amount }) => sum + amount, 0);
      expect(explanation!.predicted).toBe(value.predicted);
      expect(explanation!.baseline + amounts + explanation!.residual).toBeCloseTo(value.predicted, 6);
    }
    expect(clv['two']!.predicted).toBeGreaterThan(clv['one']!.predicted);
  });
});

describe('with an active model of an earlier version', () => {
  const server = useScoredServer();
  beforeAll(async () => {
    await server.database.dataSource.query(`update model_version set serving = serving - 'level'`);
  });

  it('the prior answers what is not stored, and says why; what is stored stays', async () => {
    const { data } = await server.ask<{ customers: { edges: { node: CustomerNode }[] } }>(
      '{ customers(first: 2, orderBy: { field: CLV, direction: DESC }) { edges { node { externalId } } } }',
    );
    const [changed, unchanged] = data.customers.edges.map(({ node }) => node.externalId);
    await server.ask(`mutation {
      upsertOrders(source: "demo", orders: [{ externalId: "new", customerExternalId: "${changed}",
        placedAt: "2025-06-30T12:00:00Z", total: "50" }]) { items { status } } }`);
    const clv = async (externalId: string, fields: string) => {
      const answer = await server.ask<{ customer: { clv: object } }>(
        `{ customer(source: "demo", externalId: "${externalId}") { clv { ${fields} } } }`,
      );
      expect(answer.errors).toBeUndefined();
      return answer.data.customer.clv;
    };
    const fields = 'basis basisReason predicted percentile model { state }';
    const byPrior = {
      basis: 'PRIOR',
      basisReason: 'ACTIVE_MODEL_UNUSABLE',
      predicted: expect.any(Number) as number,
      percentile: null,
      model: null,
    };
    expect(await clv(changed!, fields)).toEqual(byPrior);
    expect(await clv(changed!, `${fields} explanation { residual } whatIfs { predicted }`)).toEqual({
      ...byPrior,
      explanation: { residual: expect.any(Number) as number },
      whatIfs: expect.arrayContaining([{ predicted: expect.any(Number) as number }]) as object[],
    });
    expect(await clv(unchanged!, `${fields} explanation { residual } whatIfs { predicted }`)).toMatchObject({
      basis: 'MODEL',
      model: { state: 'ACTIVE' },
      explanation: null,
      whatIfs: [],
    });
    const kept = await server.database.dataSource.query(
      `select count(*)::integer as n from prediction where basis_reason = 'ACTIVE_MODEL_UNUSABLE'`,
    );
    expect(kept).toEqual([{ n: 0 }]);
  });
});

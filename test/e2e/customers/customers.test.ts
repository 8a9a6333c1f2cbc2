import { beforeAll, describe, expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { globalId } from '../../../src/schema/global-id.js';
import { createScoredShop, scoredAsOf } from '../../support/scored-shop.js';
import { useTestServer } from '../support/test-server.js';

interface Connection<Node> {
  edges: { node: Node; cursor: string }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

describe('a customer', () => {
  const server = useTestServer({ device: 'cpu', threads: 1, currency: 'GBP' }, createScoredShop);
  /** Of the demo shop: the one with the most orders. */
  let regular: { id: string; externalId: string };
  beforeAll(async () => {
    [regular] = (await server.database.dataSource.query(
      `select id, external_id as "externalId" from customer c join customer_summary s on s.customer_id = c.id
       order by s.orders desc, id limit 1`,
    )) as [typeof regular];
  });

  async function customer<T>(fields: string, key = `externalId: "${regular.externalId}", source: "demo"`): Promise<T> {
    const { data, errors } = await server.ask<{ customer: T }>(`{ customer(${key}) { ${fields} } }`);
    expect(errors).toBeUndefined();
    return data.customer;
  }
  const codeOf = async (query: string, as: 'VIEWER' | 'ADMIN' = 'ADMIN') =>
    (await server.ask(query, { as })).errors?.[0]?.extensions.code;

  it("is found by its id, by the shop's own id and through node", async () => {
    const found = await customer<{ id: string; source: string }>('id source externalId');
    expect(found).toEqual({ id: globalId('Customer', regular.id), source: 'demo', externalId: regular.externalId });
    expect(await customer('id source externalId', `id: "${found.id}"`)).toEqual(found);
    const { data } = await server.ask(`{ node(id: "${found.id}") { __typename id } }`, { as: 'VIEWER' });
    expect(data).toEqual({ node: { __typename: 'Customer', id: found.id } });
    expect(await customer('id', 'externalId: "nobody"')).toBeNull();
    expect(await customer('id', `id: "${globalId('Customer', '999999')}"`)).toBeNull();
  });

  it('is found by the id that the shop sent, with the spaces that were around it', async () => {
    const { data } = await server.ask(
      `mutation { upsertCustomers(customers: [{ externalId: "char-8  " }]) { items { externalId status } } }`,
    );
    expect(data).toEqual({ upsertCustomers: { items: [{ externalId: 'char-8', status: 'CREATED' }] } });
    expect(await customer('externalId', 'externalId: "char-8  "')).toEqual({ externalId: 'char-8' });
    const list = await server.ask('{ customers(filter: { externalId: ["char-8  "] }) { totalCount } }');
    expect(list.data).toEqual({ customers: { totalCount: 1 } });
    await server.ask('mutation { eraseCustomers(externalIds: ["char-8  "]) { erased } }');
  });

  it('and what it did belong to the source, with or without the spaces around its name', async () => {
    const at = '2024-05-01T00:00:00Z';
    const send = (source: string) =>
      server.ask<Record<string, Record<string, number>>>(
        `mutation($source: String!) {
           upsertProducts(source: $source, products: [{ externalId: "p" }]) { created }
           upsertCustomers(source: $source, customers: [{ externalId: "c" }]) { created }
           upsertOrders(source: $source, orders: [{ externalId: "o", customerExternalId: "c", placedAt: "${at}", total: 1 }]) { created }
           recordEvents(source: $source, events: [{ externalId: "e", customerExternalId: "c", type: BROWSE, occurredAt: "${at}" }]) { created }
         }`,
        { variables: { source } },
      );
    const created = (n: number) => ({
      upsertProducts: { created: n },
      upsertCustomers: { created: n },
      upsertOrders: { created: n },
      recordEvents: { created: n },
    });
    expect((await send(' till\t')).data).toEqual(created(1));
    expect((await send('till')).data).toEqual(created(0));
    const seen = await server.ask(
      `{ customer(externalId: "c", source: "till ") { source } customers(filter: { source: ["till "] }) { totalCount } }`,
    );
    expect(seen.data).toEqual({ customer: { source: 'till' }, customers: { totalCount: 1 } });
    const { data } = await server.ask(
      `mutation {
         deleteOrders(source: "till ", externalIds: ["o"]) { deleted }
         deleteEvents(source: "till ", events: [{ externalId: "e", occurredAt: "${at}" }]) { deleted }
         eraseCustomers(source: "till ", externalIds: ["c"]) { erased }
       }`,
    );
    expect(data).toEqual({ deleteOrders: { deleted: 1 }, deleteEvents: { deleted: 1 }, eraseCustomers: { erased: 1 } });
  });

  it('must be asked for by one key', async () => {
    expect(await codeOf('{ customer { id } }')).toBe('BAD_USER_INPUT');
    expect(await codeOf(`{ customer(id: "${globalId('Customer', '1')}", externalId: "x") { id } }`)).toBe(
      'BAD_USER_INPUT',
    );
    expect(await codeOf(`{ customer(id: "${globalId('Snapshot', '1')}") { id } }`)).toBe('BAD_USER_INPUT');
  });

  it('has its purchases summed up as they are recorded', async () => {
    const [expected] = await server.database.dataSource.query<object[]>(
      `select min(day) filter (where net > 0)::text as "firstOrderDate", max(day) filter (where net > 0)::text as "lastOrderDate",
         sum(orders)::integer as "numberOfOrders", sum(net)::float8 as "totalSpent", sum(returned)::float8 as "totalReturned"
       from purchase_day where customer_id = $1`,
      [regular.id],
    );
    expect(await customer('firstOrderDate lastOrderDate numberOfOrders totalSpent totalReturned')).toEqual(expected);
    expect(
      await customer('firstOrderDate lastOrderDate numberOfOrders totalSpent totalReturned', 'externalId: "lead"'),
    ).toEqual({ firstOrderDate: null, lastOrderDate: null, numberOfOrders: 0, totalSpent: 0, totalReturned: 0 });
  });

  it('shows personal data and what it wrote to marketers only', async () => {
    const query = `{ customer(externalId: "${regular.externalId}", source: "demo") { externalId personalData { name email } } }`;
    const viewer = await server.ask<{ customer: object }>(query, { as: 'VIEWER' });
    expect(viewer.data.customer).toEqual({ externalId: regular.externalId, personalData: null });
    expect(viewer.errors?.map(({ extensions, path }) => [extensions.code, path])).toEqual([
      ['FORBIDDEN', ['customer', 'personalData']],
    ]);
    const marketer = await server.ask<{ customer: { personalData: { email: string } } }>(query, { as: 'MARKETER' });
    expect(marketer.data.customer.personalData.email).toContain('@');
    expect(await customer('personalData { name }', 'externalId: "lead"')).toEqual({ personalData: null });
    const words = `{ customers(first: 50) { edges { node { events(first: 50) { edges { node { text } } } } } } }`;
    expect(await codeOf(words, 'VIEWER')).toBe('FORBIDDEN');
    expect(await codeOf(words)).toBeUndefined();
  });

  it('has its orders with their lines, page by page, newest first', async () => {
    const seen: { externalId: string; lines: { quantity: number; unitPrice: string }[] }[] = [];
    let after: string | null = null;
    for (;;) {
      const page: { orders: Connection<(typeof seen)[number]> } = await customer(
        `orders(first: 2, after: ${JSON.stringify(after)}) {
          edges { node { externalId lines { quantity unitPrice } } } pageInfo { hasNextPage endCursor } }`,
      );
      seen.push(...page.orders.edges.map(({ node }) => node));
      if (!page.orders.pageInfo.hasNextPage) break;
      after = page.orders.pageInfo.endCursor;
    }
    const expected = await server.database.dataSource.query<object[]>(
      `select o.external_id as "externalId", (select jsonb_agg(jsonb_build_object('quantity', quantity,
         'unitPrice', trim_scale(unit_price)::text) order by line_number) from order_line l where l.order_id = o.id) as lines
       from customer_order o where customer_id = $1 order by placed_at desc, id desc`,
      [regular.id],
    );
    expect(seen.length).toBeGreaterThan(4);
    expect(seen).toEqual(expected);
  });

  it('has its events, page by page, none lost between those of one instant', async () => {
    const { dataSource } = server.database;
    await dataSource.query(`select ensure_behavior_event_partitions('2025-07-01', '2025-07-02')`);
    await dataSource.query(
      `insert into behavior_event (occurred_at, external_id, customer_id, type)
       select '2025-07-01T10:00:00.000001Z', 'same ' || i, $1, 'CLICK' from generate_series(1, 5) i`,
      [regular.id],
    );
    let events = 0;
    const ids = new Set<string>();
    let after: string | null = null;
    for (;;) {
      const page: { events: Connection<{ type: string; source: string; externalId: string }> } = await customer(
        `events(first: 3, after: ${JSON.stringify(after)}) { edges { node { type source externalId } } pageInfo { hasNextPage endCursor } }`,
      );
      events += page.events.edges.length;
      for (const { node } of page.events.edges) ids.add(`${node.source} ${node.externalId}`);
      if (!page.events.pageInfo.hasNextPage) break;
      after = page.events.pageInfo.endCursor;
    }
    const [row] = await dataSource.query<{ n: number }[]>(
      'select count(*)::integer as n from behavior_event where customer_id = $1',
      [regular.id],
    );
    expect(events).toBe(row?.n);
    expect(ids.size).toBe(events);
    expect(ids).toContain('default same 1');
    const cursors = ['2025-02-31T00:00:00.000000Z', '0000-01-01T00:00:00.000000Z'].map((instant) =>
      Buffer.from(JSON.stringify([instant, '1'])).toString('base64url'),
    );
    for (const cursor of cursors) {
      const query = `{ customers { edges { node { events(after: "${cursor}") { edges { cursor } } } } } }`;
      expect(await codeOf(query)).toBe('BAD_USER_INPUT');
    }
  });

  describe('has a value', () => {
    const fields = `predicted historic total purchaseProbability churnProbability predictedOrders averageOrderValue
      averageDaysBetweenOrders expectedNextOrderDate percentile tier basis basisReason asOf horizonDays currency`;

    it('that is the stored prediction, with the history before the as-of date', async () => {
      const { clv } = await customer<{ clv: Record<string, number> }>(`clv { ${fields} model { state } }`);
      const [stored] = await server.database.dataSource.query<Record<string, number>[]>(
        `select round(expected_value::numeric, 2)::float8 as predicted, purchase_probability as "purchaseProbability", percentile,
           expected_orders as "predictedOrders" from prediction where customer_id = $1`,
        [regular.id],
      );
      const { totalSpent } = await customer<{ totalSpent: number }>('totalSpent');
      expect(clv).toMatchObject({
        ...stored,
        basis: 'MODEL',
        basisReason: null,
        asOf: scoredAsOf.toISOString(),
        horizonDays: 365,
        // Of the orders, whatever the setting for those that name none.
        currency: 'USD',
        model: { state: 'ACTIVE' },
      });
      expect(clv['historic']).toBeCloseTo(totalSpent, 6);
      expect(clv['total']).toBeCloseTo(clv['predicted']! + totalSpent, 6);
      expect(clv['churnProbability']).toBeCloseTo(1 - clv['purchaseProbability']!, 12);
      const next = Date.parse(String(clv['expectedNextOrderDate']));
      expect(next).toBeGreaterThanOrEqual(scoredAsOf.getTime());
      expect(next).toBeLessThan(scoredAsOf.getTime() + 183 * dayMs);
    });

    it('for every horizon, more for a longer one', async () => {
      const { short, long } = await customer<Record<string, { predicted: number; percentile: number | null }>>(
        'short: clv(horizonDays: 30) { predicted percentile } long: clv(horizonDays: 365) { predicted percentile }',
      );
      expect(short!.predicted).toBeGreaterThan(0);
      expect(long!.predicted).toBeGreaterThan(short!.predicted);
      // Nobody was ranked for 30 days.
      expect(short!.percentile).toBeNull();
      for (const horizonDays of [0, 1_827]) {
        expect(
          await codeOf(`{ customers(first: 1) { edges { node { clv(horizonDays: ${horizonDays}) { tier } } } } }`),
        ).toBe('BAD_USER_INPUT');
      }
    });

    it('with an interval that is wider for a higher level', async () => {
      const { clv } = await customer<{ clv: Record<string, { lower: number; upper: number; level: number }> }>(
        'clv { a: interval(level: 0.5) { lower upper level } b: interval { lower upper level } c: interval(level: 0.95) { lower upper level } }',
      );
      const { a, b, c } = clv as { [Name in 'a' | 'b' | 'c']: { lower: number; upper: number; level: number } };
      expect([a.level, b.level, c.level]).toEqual([0.5, 0.8, 0.95]);
      expect(a.upper).toBeLessThan(b.upper);
      expect(b.upper).toBeLessThan(c.upper);
      expect(a.lower).toBeGreaterThanOrEqual(b.lower);
      expect(await codeOf('{ customers(first: 1) { edges { node { clv { interval(level: 1) { upper } } } } } }')).toBe(
        'BAD_USER_INPUT',
      );
    });

    it('explained to the cent', async () => {
      const { clv } = await customer<{
        clv: {
          predicted: number;
          explanation: {
            baseline: number;
            residual: number;
            predicted: number;
            contributions: { feature: string; label: string; amount: number }[];
            summary: string;
            chinese: string;
            narrative: { text: string }[];
            completenessError: number;
          };
        };
      }>(`clv { predicted explanation { baseline residual predicted completenessError narrative { group text }
            contributions { feature label value amount } tokens { token group amount }
            summary chinese: summary(locale: ZH) } }`);
      const { explanation } = clv;
      expect(explanation.predicted).toBeCloseTo(clv.predicted, 2);
      const sum = explanation.contributions.reduce((total, { amount }) => total + amount, explanation.baseline);
      expect(sum + explanation.residual).toBeCloseTo(explanation.predicted, 6);
      expect(explanation.completenessError).toBeLessThan(0.05);
      expect(explanation.narrative.length).toBeGreaterThan(3);
      expect(explanation.summary).toMatch(/^Expected to spend \$[\d,.]+ in the next 365 days/);
      expect(explanation.chinese).toMatch(/^预计未来365天消费US\$/);
    });

    it('of zero, with the reason, where it has not bought', async () => {
      const { clv, unranked } = await customer<{ clv: object; unranked: object }>(
        `clv { ${fields} interval { lower upper } explanation { baseline } model { id } }
         unranked: clv(horizonDays: 30) { predicted percentile tier }`,
        'externalId: "lead"',
      );
      expect(unranked).toEqual({ predicted: 0, percentile: null, tier: null });
      expect(clv).toEqual({
        predicted: 0,
        historic: 0,
        total: 0,
        purchaseProbability: 0,
        churnProbability: 1,
        predictedOrders: 0,
        averageOrderValue: null,
        averageDaysBetweenOrders: null,
        expectedNextOrderDate: null,
        percentile: 0,
        tier: 'BRONZE',
        basis: 'NONE',
        basisReason: 'NO_PURCHASES',
        asOf: scoredAsOf.toISOString(),
        horizonDays: 365,
        currency: 'USD',
        interval: { lower: 0, upper: 0 },
        explanation: null,
        model: null,
      });
    });

    it('that follows what the shop sends', async () => {
      const before = await customer<{ clv: { predicted: number; historic: number } }>('clv { predicted historic }');
      const { errors } = await server.ask(`mutation {
        upsertOrders(source: "demo", orders: [{ externalId: "big", customerExternalId: "${regular.externalId}",
          placedAt: "2025-06-30T12:00:00Z", total: "500", itemCount: 3 }]) { items { status } } }`);
      expect(errors).toBeUndefined();
      const after = await customer<typeof before>('clv { predicted historic }');
      expect(after.clv.historic).toBeCloseTo(before.clv.historic + 500, 6);
      expect(after.clv.predicted).not.toBe(before.clv.predicted);
    });

    it.each([
      ['cancelled', 'customerExternalId: "whale", placedAt: "2025-06-29T12:00:00Z", total: "0"'],
      ["somebody else's", 'customerExternalId: "lead", placedAt: "2025-06-29T12:00:00Z", total: "9000"'],
      ['of tomorrow', 'customerExternalId: "whale", placedAt: "2025-07-02T12:00:00Z", total: "9000"'],
    ])('that ends, in lists and sums, too, where the only order is %s', async (_name, change) => {
      const write = async (order: string) => {
        const { errors } = await server.ask(`mutation {
          upsertOrders(source: "demo", orders: [{ externalId: "only", ${order} }]) { items { status } } }`);
        expect(errors).toBeUndefined();
      };
      const lists = async () => {
        const { data } = await server.ask<object>(`{ portfolio { customers totalPredicted }
          customer(externalId: "whale", source: "demo") { clv { predicted basis } }
          customers(first: 1, orderBy: { field: CLV, direction: DESC }) { edges { node { externalId } } }
          previewSegment(filter: { clv: { min: 1 } }) { count totalPredicted } }`);
        return data;
      };
      await server.ask(
        'mutation { upsertCustomers(source: "demo", customers: [{ externalId: "whale" }]) { items { status } } }',
      );
      const before = await lists();
      expect(before).toMatchObject({ customer: { clv: { predicted: 0, basis: 'NONE' } } });
      await write('customerExternalId: "whale", placedAt: "2025-06-29T12:00:00Z", total: "9000"');
      expect(await lists()).toMatchObject({ customer: { clv: { basis: 'MODEL' } } });
      expect(await lists()).not.toEqual(before);
      await write(change);
      expect(await lists()).toEqual(before);
      await server.ask('mutation { eraseCustomers(source: "demo", externalIds: ["whale"]) { __typename } }');
    });
  });
});

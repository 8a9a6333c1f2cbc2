import { beforeAll, describe, expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { shopCustomers } from '../../support/scored-shop.js';
import { type GraphqlAnswer, useScoredServer } from '../support/test-server.js';
import { askedInTurn } from '../support/in-turn.js';

interface Row {
  externalId: string;
  country: string | null;
  orders: number;
  spend: number;
  firstDay: string | null;
  lastDay: string | null;
  predictedOrders: number | null;
  clv: number | null;
  probability: number | null;
  percentile: number | null;
  position: number;
  changed: number | null;
}

interface Page {
  customers: {
    totalCount: number;
    edges: { node: { externalId: string }; cursor: string }[];
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
  };
}

const pageQuery = `query($filter: CustomerFilterInput, $orderBy: CustomerOrderByInput, $first: Int!, $after: String) {
  customers(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    edges { node { externalId } cursor } pageInfo { hasNextPage endCursor }
  }
}`;

/** The list that an answer holds, however deep. */
function customersIn(answer: object): Record<string, unknown>[] {
  for (;;) {
    const [inner] = Object.values(answer) as [object];
    if (!Array.isArray(inner)) answer = inner;
    else if (inner.length === 1) [answer] = inner as [object];
    else return inner.map((each: Record<string, unknown>) => (each['node'] ?? each) as Record<string, unknown>);
  }
}

describe('lists of customers', () => {
  const server = useScoredServer();
  /** Everything that lists are made from, read without them. */
  let base: Row[];
  beforeAll(async () => {
    // Some were noted at other times than the rest.
    await server.database.dataSource.query(
      `update clv_change set changed_at = changed_at - make_interval(days => (customer_id % 3)::integer)`,
    );
    base = await server.database.dataSource.query<Row[]>(
      `select external_id as "externalId", country, coalesce(d.orders, 0)::integer as orders, coalesce(d.spend, 0)::float8 as spend,
         d.first::text as "firstDay", d.last::text as "lastDay", expected_orders::float8 as "predictedOrders", expected_value as clv, purchase_probability::float8 as probability,
         percentile::float8 as percentile, row_number() over (order by c.id)::integer as position,
         extract(epoch from v.changed_at)::float8 as changed
       from customer c
       left join (select customer_id, sum(orders) as orders, sum(net) as spend, min(day) filter (where net > 0) as first, max(day) filter (where net > 0) as last
                  from purchase_day group by customer_id) d on d.customer_id = c.id
       left join prediction p on p.customer_id = c.id
       left join clv_change v on v.customer_id = c.id
       order by c.id`,
    );
  });

  async function idsOf(variables: Record<string, unknown>, first = 200): Promise<string[]> {
    const ids: string[] = [];
    let after: string | null = null;
    for (;;) {
      const answer: GraphqlAnswer<Page> = await server.ask<Page>(pageQuery, {
        variables: { ...variables, first, after },
      });
      const { data, errors } = answer;
      expect(errors).toBeUndefined();
      ids.push(...data.customers.edges.map(({ node }) => node.externalId));
      if (!data.customers.pageInfo.hasNextPage) return ids;
      expect(data.customers.edges).toHaveLength(first);
      after = data.customers.pageInfo.endCursor;
    }
  }

  const filtered = async (filter: object) => (await idsOf({ filter })).toSorted();
  const expected = (fits: (row: Row) => boolean) =>
    base
      .filter(fits)
      .map(({ externalId }) => externalId)
      .toSorted();

  it('tell of each customer what asking for it alone does', async () => {
    await server.database.dataSource.query(
      `update customer set attributes = '{"tier": "é\\"", "n": 1.5, "deep": {"a": [null]}}',
         created_at = '2024-02-29T23:59:59.999999Z', facts_changed_at = '2024-02-29T23:59:59.5Z'
       where external_id = $1`,
      [base[1]!.externalId],
    );
    const fields = 'id source externalId country attributes createdAt updatedAt clv { predicted }';
    const { data } = await server.ask<{ customers: { edges: { node: { id: string } }[] } }>(
      `{ customers(first: 3) { edges { node { ${fields} } } } }`,
    );
    for (const { node } of data.customers.edges) {
      const { data: alone } = await server.ask<{ customer: unknown }>(
        `query($id: ID!) { customer(id: $id) { ${fields} } }`,
        { variables: { id: node.id } },
      );
      expect(node).toEqual(alone.customer);
    }
    expect(data.customers.edges[1]!.node).toMatchObject({
      attributes: { tier: 'é"', n: 1.5, deep: { a: [null] } },
      createdAt: '2024-02-29T23:59:59.999Z',
    });
  });

  it.each([
    'customers(first: 5) { edges { node { _ } } }',
    'customers(first: 5, orderBy: { field: CLV, direction: DESC }) { edges { node { _ } } }',
    'segments(first: 1) { edges { node { members(first: 5) { edges { node { _ } } } } } }',
    'previewSegment(filter: { orders: { min: 2 } }) { sample(first: 5) { _ } }',
    'campaignPlan(contactCost: 0.01, margin: 0.3, uplift: 0.1) { customers(first: 5) { edges { node { _ } } } }',
  ])('such as %s read what each of several requests at once asks for', async (list) => {
    const asked = ['id', 'externalId', 'country createdAt', 'clv { predicted }', 'attributes', 'n: updatedAt ...f'];
    const segment = '{ name: "all of them", filter: { orders: { min: 1 } } }';
    await server.ask(`mutation { createSegment(input: ${segment}) { __typename } }`);
    const nodesOf = async (fields: string) => {
      const fragment = fields.includes('...f') ? 'fragment f on Customer { source }' : '';
      const { data } = await server.ask<object>(`{ ${list.replace('_', fields)} } ${fragment}`);
      return customersIn(data);
    };
    const alone: Record<string, unknown>[][] = [];
    for (const fields of asked) alone.push(await nodesOf(fields));
    expect(await Promise.all(asked.map(nodesOf))).toEqual(alone);
    const whole = 'id externalId country createdAt clv { predicted } attributes n: updatedAt source';
    for (const [i, { id }] of alone[0]!.entries()) {
      const { data } = await server.ask<{ customer: Record<string, unknown> }>(
        `query($id: ID!) { customer(id: $id) { ${whole} } }`,
        { variables: { id } },
      );
      expect(data.customer['country']).not.toBeNull();
      expect(Object.assign({}, ...alone.map((nodes) => nodes[i]))).toEqual(data.customer);
    }
  });

  it('hold everybody once', async () => {
    expect(base).toHaveLength(shopCustomers + 1);
    expect(await idsOf({})).toEqual(base.map(({ externalId }) => externalId));
  });

  const values: Record<string, (row: Row) => number | null> = {
    CLV: ({ clv }) => clv,
    PERCENTILE: ({ percentile }) => percentile,
    PURCHASE_PROBABILITY: ({ probability }) => probability,
    CHURN_PROBABILITY: ({ probability }) => (probability === null ? null : -probability),
    RECENCY: ({ lastDay }) => (lastDay === null ? null : -Date.parse(lastDay)),
    ORDERS: ({ orders }) => orders,
    SPEND: ({ spend }) => spend,
    CREATED: ({ position }) => position,
    CHANGED: ({ changed }) => changed,
  };

  it.each(
    Object.keys(values).flatMap((field) => [
      { field, direction: 'ASC' },
      { field, direction: 'DESC' },
    ]),
  )('are ordered by $field $direction, page by page, ties and all; who has no value comes last', async (orderBy) => {
    const ids = await idsOf({ orderBy }, 7);
    expect(ids.toSorted()).toEqual(base.map(({ externalId }) => externalId).toSorted());
    const byId = new Map(base.map((row) => [row.externalId, row]));
    const listed = ids.map((id) => values[orderBy.field]!(byId.get(id)!));
    const known = listed.filter((value) => value !== null);
    expect(listed.slice(known.length).every((value) => value === null)).toBe(true);
    const sign = orderBy.direction === 'ASC' ? 1 : -1;
    expect(known).toEqual(known.toSorted((a, b) => sign * (a - b)));
    expect(await idsOf({ orderBy }, 50)).toEqual(ids);
  });

  it('do not shift while customers are added before the cursor', async () => {
    const orderBy = { field: 'SPEND', direction: 'DESC' };
    const all = await idsOf({ orderBy });
    const first = await server.ask<Page>(pageQuery, { variables: { orderBy, first: 10 } });
    await server.database.dataSource.query(`insert into customer (external_id) values ('new')`);
    await server.database.dataSource.query(
      `update customer_summary set spend = 1e6 where customer_id = (select id from customer where external_id = 'new')`,
    );
    const { endCursor: after } = first.data.customers.pageInfo;
    const second = await server.ask<Page>(pageQuery, { variables: { orderBy, first: 10, after } });
    expect(second.data.customers.edges.map(({ node }) => node.externalId)).toEqual(all.slice(10, 20));
    await server.database.dataSource.query(`delete from customer where external_id = 'new'`);
  });

  it('refuse cursors of other lists, and those that nobody gave', async () => {
    const { data } = await server.ask<Page>(pageQuery, { variables: { orderBy: { field: 'SPEND' }, first: 1 } });
    const encode = (key: unknown) => Buffer.from(JSON.stringify(key)).toString('base64url');
    const wrong: [string, unknown][] = [
      ['CLV', data.customers.pageInfo.endCursor],
      ['CLV', encode(['CLV DESC', "1'; drop table customer; --", '1'])],
      ['CLV', encode(['CLV DESC', '1e999', '1'])],
      ['RECENCY', encode(['RECENCY DESC', '2024-02-31', '1'])],
      ['ORDERS', encode(['ORDERS DESC', '1.5', '1'])],
      ['SPEND', encode(['SPEND DESC', 1, '1'])],
      ['SPEND', 'nonsense'],
      ['CHANGED', encode(['CHANGED DESC', '2024-02-31T00:00:00.000000Z', '1'])],
    ];
    for (const [field, after] of wrong) {
      const { errors } = await server.ask(pageQuery, { variables: { orderBy: { field }, first: 1, after } });
      expect([after, errors?.[0]?.extensions.code]).toEqual([after, 'BAD_USER_INPUT']);
    }
  });

  it.each<[string, object, (row: Row) => boolean]>([
    ['clv from', { clv: { min: 50 } }, ({ clv }) => (clv ?? 0) >= 50],
    ['clv to', { clv: { max: 20 } }, ({ clv }) => (clv ?? 0) <= 20],
    ['percentile', { percentile: { min: 20, max: 60 } }, ({ percentile: p }) => p !== null && p >= 20 && p <= 60],
    ['tier', { tier: ['PLATINUM', 'SILVER'] }, ({ percentile: p }) => p !== null && (p >= 95 || (p >= 50 && p < 80))],
    ['lowest tier', { tier: ['BRONZE'] }, ({ percentile: p }) => (p ?? 0) < 50],
    ['purchaseProbability', { purchaseProbability: { min: 0.4 } }, ({ probability: p }) => (p ?? 0) >= 0.4],
    ['churnProbability', { churnProbability: { min: 0.75 } }, ({ probability: p }) => 1 - (p ?? 0) >= 0.75],
    ['predictedOrders', { predictedOrders: { min: 1.5 } }, ({ predictedOrders }) => (predictedOrders ?? 0) >= 1.5],
    ['few predictedOrders', { predictedOrders: { max: 0.2 } }, ({ predictedOrders }) => (predictedOrders ?? 0) <= 0.2],
    ['orders', { orders: { min: 2, max: 3 } }, ({ orders }) => orders >= 2 && orders <= 3],
    ['spend', { spend: { max: 100 } }, ({ spend }) => spend <= 100],
    ['country', { country: ['France', 'Germany'] }, ({ country }) => country === 'France' || country === 'Germany'],
    [
      'recencyDays',
      { recencyDays: { min: 30, max: 120 } },
      ({ lastDay }) => lastDay !== null && between(daysBefore(lastDay), 30, 120),
    ],
    [
      'tenureDays',
      { tenureDays: { min: 30, max: 200 } },
      ({ firstDay }) => firstDay !== null && between(daysBefore(firstDay), 30, 200),
    ],
    ['source', { source: ['default'] }, ({ externalId }) => externalId === 'lead'],
    ['not', { not: { clv: { min: 50 } } }, ({ clv }) => (clv ?? 0) < 50],
    [
      'not of what is unknown',
      { not: { recencyDays: { max: 60 } } },
      ({ lastDay }) => !lastDay || daysBefore(lastDay) > 60,
    ],
    [
      'and, or',
      { or: [{ orders: { min: 5 } }, { and: [{ country: ['France'] }, { spend: { min: 50 } }] }] },
      ({ orders, country, spend }) => orders >= 5 || (country === 'France' && spend >= 50),
    ],
    ['all', {}, () => true],
  ])('are filtered by %s', async (_name, filter, fits) => {
    const ids = expected(fits);
    expect(ids.length).toBeGreaterThan(0);
    expect(await filtered(filter)).toEqual(ids);
    const { data } = await server.ask<Page>(
      'query($filter: CustomerFilterInput) { customers(filter: $filter) { totalCount } }',
      { variables: { filter } },
    );
    expect(data.customers.totalCount).toBe(ids.length);
  });

  it('are filtered by what was bought', async () => {
    const { dataSource } = server.database;
    const lines = `from customer c join customer_order o on o.customer_id = c.id join order_line l on l.order_id = o.id
      join product g on g.id = l.product_id where l.quantity > 0`;
    const [bought] = await dataSource.query<{ category: string; name: string }[]>(
      `select category, g.name ${lines} limit 1`,
    );
    const { category, name } = bought!;
    const ids = async (condition: string, value: string) =>
      (
        await dataSource.query<{ id: string }[]>(`select distinct c.external_id as id ${lines} and ${condition}`, [
          value,
        ])
      )
        .map(({ id }) => id)
        .toSorted();
    expect(await filtered({ boughtCategory: [category] })).toEqual(await ids('category = $1', category));
    const part = name.slice(2, 9).toUpperCase();
    expect(await filtered({ boughtProduct: part })).toEqual(await ids('position($1 in upper(g.name)) > 0', part));
    expect(await filtered({ boughtProduct: '%' })).toEqual([]);
  });

  it('are filtered by how often something was done', async () => {
    const since = (days: number) => `2025-07-01T00:00:00Z'::timestamptz - interval '${days} days`;
    const counted = async (type: string, days: number, having: string) =>
      (
        await server.database.dataSource.query<{ id: string }[]>(
          `select c.external_id as id from customer c left join behavior_event e on e.customer_id = c.id and e.type = $1
             and e.occurred_at >= '${since(days)}' group by c.id having count(e.id) ${having}`,
          [type],
        )
      )
        .map(({ id }) => id)
        .toSorted();
    const often = await counted('BROWSE', 90, '>= 3');
    expect(often.length).toBeGreaterThan(0);
    expect(await filtered({ eventCounts: [{ type: 'BROWSE', min: 3, lastDays: 90 }] })).toEqual(often);
    expect(await filtered({ eventCounts: [{ type: 'CART', max: 0, lastDays: 30 }] })).toEqual(
      await counted('CART', 30, '= 0'),
    );
    expect(await filtered({ eventCounts: [{ type: 'SEARCH' }] })).toEqual(await counted('SEARCH', 5_000, '> 0'));
  });

  it('by what was bought are made in turn, so that they do not take all connections', async () => {
    const page = '{ customers(first: 1, filter: { boughtProduct: "z" }) { edges { node { id } } } }';
    const answers = await askedInTurn(server, 'order_line', page);
    for (const { errors } of answers) expect(errors).toBeUndefined();
  });

  it('are filtered by the fields of the shop', async () => {
    const [row] = await server.database.dataSource.query<{ n: number }[]>(
      `select count(*)::integer as n from customer where attributes ->> 'channel' = 'search'`,
    );
    expect(await filtered({ attributes: { channel: 'search', synthetic: true } })).toHaveLength(row!.n);
    expect(await filtered({ attributes: { channel: 'search', synthetic: false } })).toEqual([]);
  });
});

const daysBefore = (day: string): number => (Date.parse('2025-07-01') - Date.parse(day)) / dayMs;
const between = (value: number, min: number, max: number): boolean => value >= min && value <= max;

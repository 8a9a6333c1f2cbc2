import pLimit from 'p-limit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDataSource } from '../../../src/database/data-source.js';
import { globalId } from '../../../src/schema/global-id.js';
import { CustomerListService } from '../../../src/services/customers/customer-list.service.js';
import { SegmentsService } from '../../../src/services/customers/segments.service.js';
import { TotalsService } from '../../../src/services/totals/totals.service.js';
import { expectWaitingFor, untilLocked } from '../../support/waiting.js';
import { type Ask, useScoredServer } from '../support/test-server.js';
import { askedInTurn } from '../support/in-turn.js';

interface SegmentNode {
  __typename: string;
  id: string;
  name: string;
  description: string | null;
  filter: object;
  count: number;
  totalPredictedClv: number;
  meanPredictedClv: number;
  totalSpent: number;
}

const fields = `__typename ... on ErrorResult { errorCode message }
  ... on Segment { id name description filter count totalPredictedClv meanPredictedClv totalSpent }`;
const create = `mutation($input: CreateSegmentInput!) { result: createSegment(input: $input) { ${fields} } }`;
const update = `mutation($id: ID!, $input: UpdateSegmentInput!) { result: updateSegment(id: $id, input: $input) { ${fields} } }`;
const remove = `mutation($id: ID!) { result: deleteSegment(id: $id) { ${fields} } }`;
/** Worth something, and at risk. */
const filter = { clv: { min: 20 }, or: [{ churnProbability: { min: 0.4 } }, { tier: ['PLATINUM'] }] };

describe('segments', () => {
  const server = useScoredServer();
  let made: SegmentNode;

  async function result<T = SegmentNode>(query: string, variables: object, as: Ask['as'] = 'MARKETER'): Promise<T> {
    const { data, errors } = await server.ask<{ result: T }>(query, { as, variables: { ...variables } });
    expect(errors).toBeUndefined();
    return data.result;
  }
  const worth = async () =>
    (
      await server.database.dataSource.query<{ count: number; total: number }[]>(
        `select count(*)::integer as count, sum(expected_value) as total from prediction
         where expected_value >= 20 and (purchase_probability <= 0.6 or percentile >= 95)`,
      )
    )[0]!;

  it('are made of a filter, and count and add up who fits it', async () => {
    made = await result(create, { input: { name: 'At risk', description: 'call them', filter } });
    const { count, total } = await worth();
    expect(count).toBeGreaterThan(5);
    expect(made).toMatchObject({ __typename: 'Segment', name: 'At risk', description: 'call them', filter, count });
    expect(made.totalPredictedClv).toBeCloseTo(total, 1);
    expect(made.meanPredictedClv).toBeCloseTo(total / count, 1);
    const [{ target }] = await server.database.dataSource.query<[{ target: string }]>(
      `select target from audit_entry where action = 'createSegment'`,
    );
    expect(target).toBe(made.id);
  });

  it('are previewed without being stored', async () => {
    const preview = await result<{
      count: number;
      totalPredicted: number;
      meanPredicted: number;
      sample: { clv: { predicted: number } }[];
    }>(
      `query($filter: CustomerFilterInput!) { result: previewSegment(filter: $filter) {
        count totalPredicted meanPredicted sample(first: 4) { clv { predicted } } } }`,
      { filter },
      'VIEWER',
    );
    expect(preview).toMatchObject({ count: made.count, totalPredicted: made.totalPredictedClv });
    const values = preview.sample.map(({ clv }) => clv.predicted);
    expect(values).toHaveLength(4);
    expect(values).toEqual(values.toSorted((a, b) => b - a));
    expect(await server.database.dataSource.query('select name from segment')).toEqual([{ name: 'At risk' }]);
    const none =
      'query { result: previewSegment(filter: { clv: { min: 1000000 } }) { count totalPredicted meanPredicted } }';
    expect(await result(none, {}, 'VIEWER')).toEqual({ count: 0, totalPredicted: 0, meanPredicted: 0 });
  });

  it('tell how sure the sum of the predictions is', async () => {
    const interval = 'totalInterval(level: 0.6) { level lower upper }';
    const { totalInterval } = await result<{ totalInterval: Record<'level' | 'lower' | 'upper', number> }>(
      `query($id: ID!) { result: segment(id: $id) { ${interval} } }`,
      { id: made.id },
      'VIEWER',
    );
    expect(totalInterval).toMatchObject({ level: 0.6 });
    expect(totalInterval.lower).toBeLessThan(made.totalPredictedClv);
    expect(totalInterval.upper).toBeGreaterThan(made.totalPredictedClv);
    expect(totalInterval.lower).toBeGreaterThan(0);
    const preview = `query($filter: CustomerFilterInput!) { result: previewSegment(filter: $filter) { ${interval} } }`;
    expect(await result(preview, { filter }, 'VIEWER')).toEqual({ totalInterval });
    const all = await server.ask<{ portfolio: object }>(`{ portfolio { ${interval} } }`, { as: 'VIEWER' });
    expect(await result(preview, { filter: {} }, 'VIEWER')).toEqual(all.data.portfolio);
    expect(await result(preview, { filter: { clv: { min: 1_000_000 } } }, 'VIEWER')).toEqual({
      totalInterval: { level: 0.6, lower: 0, upper: 0 },
    });
  });

  it('tell what their members have spent, less what came back, whether or not the filter asks for it', async () => {
    const spent = async (condition: string) =>
      (
        await server.database.dataSource.query<{ spent: number; returns: number }[]>(
          `select sum(d.net)::float8 as spent, (count(*) filter (where d.net < 0))::integer as returns
           from purchase_day d join customer c on c.id = d.customer_id
             left join prediction p on p.customer_id = c.id where ${condition}`,
        )
      )[0]!;
    const preview = (of: object) =>
      result<{ totalSpent: number }>(
        'query($filter: CustomerFilterInput!) { result: previewSegment(filter: $filter) { totalSpent } }',
        { filter: of },
        'VIEWER',
      );
    const all = await spent('true');
    expect(all.returns).toBeGreaterThan(0);
    expect((await preview({})).totalSpent).toBeCloseTo(all.spent, 1);
    const members = await spent('expected_value >= 20 and (purchase_probability <= 0.6 or percentile >= 95)');
    expect(made.totalSpent).toBeCloseTo(members.spent, 1);
    expect(await preview(filter)).toEqual({ totalSpent: made.totalSpent });
    expect(await preview({ tenureDays: { min: 0 }, not: { country: ['France'] } })).toEqual({
      totalSpent: expect.closeTo((await spent(`c.country is distinct from 'France'`)).spent, 1),
    });
    expect(await preview({ source: ['none such'] })).toEqual({ totalSpent: 0 });
  });

  it('have their members as a connection, the most valuable first', async () => {
    const members = `query($id: ID!, $after: String) { result: segment(id: $id) { members(first: 10, after: $after) {
      totalCount edges { node { externalId clv { predicted purchaseProbability tier } } } pageInfo { hasNextPage endCursor } } } }`;
    const seen: { externalId: string; clv: { predicted: number; purchaseProbability: number; tier: string } }[] = [];
    let after: string | null = null;
    for (;;) {
      const page: {
        members: {
          totalCount: number;
          edges: { node: (typeof seen)[number] }[];
          pageInfo: { hasNextPage: boolean; endCursor: string };
        };
      } = await result(members, { id: made.id, after }, 'VIEWER');
      expect(page.members.totalCount).toBe(made.count);
      seen.push(...page.members.edges.map(({ node }) => node));
      if (!page.members.pageInfo.hasNextPage) break;
      after = page.members.pageInfo.endCursor;
    }
    expect(new Set(seen.map(({ externalId }) => externalId)).size).toBe(made.count);
    for (const { clv } of seen) {
      expect(clv.predicted).toBeGreaterThanOrEqual(20);
      expect(clv.purchaseProbability <= 0.6 || clv.tier === 'PLATINUM').toBe(true);
    }
    const values = seen.map(({ clv }) => clv.predicted);
    expect(values).toEqual(values.toSorted((a, b) => b - a));
  });

  it('are known to their members', async () => {
    const { data } = await server.ask<{ customers: { edges: { node: { segments: { name: string }[] } }[] } }>(
      '{ customers(first: 200) { edges { node { segments { name } } } } }',
    );
    const first = data.customers.edges.filter(({ node }) => node.segments.length > 0);
    const [row] = await server.database.dataSource.query<{ n: number }[]>(
      `select count(*)::integer as n from (select id from customer order by id limit 200) c join prediction p on p.customer_id = c.id
       where expected_value >= 20 and (purchase_probability <= 0.6 or percentile >= 95)`,
    );
    expect(first).toHaveLength(row!.n);
  });

  it('are known to their members, however many there are and however much they ask for', async () => {
    const { dataSource } = server.database;
    // 350 with 200 parameters each: more than a statement takes.
    await dataSource.query(
      `insert into segment (name, filter)
       select 'many ' || n, jsonb_build_object('orders', jsonb_build_object('min', n % 3 + 1), 'or',
         (select jsonb_agg(jsonb_build_object('spend', jsonb_build_object('min', i - 1000, 'max', 1e9))) from generate_series(1, 97) i))
       from generate_series(1, 350) n`,
    );
    const { data, errors } = await server.ask<{
      customers: { edges: { node: { numberOfOrders: number; segments: { name: string }[] } }[] };
    }>('{ customers(first: 5) { edges { node { numberOfOrders segments { name } } } } }');
    await dataSource.query(`delete from segment where name like 'many %'`);
    expect(errors).toBeUndefined();
    for (const { node } of data.customers.edges) {
      const numbers = Array.from({ length: 350 }, (_, i) => i + 1).filter((n) => (n % 3) + 1 <= node.numberOfOrders);
      const names = node.segments.map(({ name }) => name).filter((name) => name.startsWith('many '));
      expect(names).toEqual(numbers.map((n) => `many ${n}`));
    }
  });

  it('are always live', async () => {
    await server.database.dataSource.query(
      `update prediction set expected_value = expected_value + 100 where customer_id in (select customer_id from prediction
       where expected_value < 20 and purchase_probability <= 0.6 limit 3)`,
    );
    const query = 'query($id: ID!) { result: segment(id: $id) { __typename id name count totalPredictedClv } }';
    const now = await result(query, { id: made.id });
    expect(now.count).toBe((await worth()).count);
    expect(now.count).toBe(made.count + 3);
    expect(now.totalPredictedClv).toBeCloseTo((await worth()).total, 1);
  });

  it('have names of their own', async () => {
    const taken = await result(create, { input: { name: 'At risk', filter: {} } });
    expect(taken).toEqual({
      __typename: 'ConflictError',
      errorCode: 'CONFLICT',
      message: 'There is a segment "At risk" already. Choose another name.',
    });
    const everybody = await result(create, { input: { name: 'Everybody', filter: {} } });
    expect(everybody.count).toBe(301);
    expect(await result(update, { id: everybody.id, input: { name: 'At risk' } })).toMatchObject({
      errorCode: 'CONFLICT',
    });
  });

  it('are changed in what is given, and deleted', async () => {
    const renamed = await result(update, { id: made.id, input: { name: 'Calls', description: null } });
    expect(renamed).toMatchObject({ id: made.id, name: 'Calls', description: null, filter });
    const narrowed = await result(update, { id: made.id, input: { filter: { country: ['France'] } } });
    expect(narrowed).toMatchObject({ name: 'Calls', filter: { country: ['France'] } });
    expect(await result(remove, { id: made.id })).toMatchObject({ __typename: 'Segment', name: 'Calls' });
    expect(await result(remove, { id: made.id })).toMatchObject({
      __typename: 'NotFoundError',
      errorCode: 'NOT_FOUND',
      message: `There is no segment ${made.id}. List the segments to see their ids.`,
    });
    expect(await result(update, { id: globalId('Segment', '99'), input: {} })).toMatchObject({
      errorCode: 'NOT_FOUND',
    });
    const { data } = await server.ask<{ segments: object }>(
      `{ segments { edges { node { name } } } segment(id: "${made.id}") { name } node(id: "${made.id}") { id } }`,
    );
    expect(data).toEqual({ segments: { edges: [{ node: { name: 'Everybody' } }] }, segment: null, node: null });
  });

  it('are listed with a filter that is no longer taken, which an update mends', async () => {
    const { dataSource } = server.database;
    await dataSource.query(
      `insert into segment (name, filter) values ('Percent', '{"churnProbability": {"min": 40}}')`,
    );
    const query = `{ segments(first: 1) { edges { node { id name count } } }
      customers(first: 1) { edges { node { segments { name } } } } }`;
    const { data, errors } = await server.ask<{ segments: { edges: { node: SegmentNode }[] } }>(query);
    const { id, ...node } = data.segments.edges[0]!.node;
    expect(node).toEqual({ name: 'Percent', count: null });
    expect(errors).toMatchObject([
      {
        path: ['segments', 'edges', 0, 'node', 'count'],
        message: 'The filter is wrong: "churnProbability": 40 is not between 0 and 1; 0.4 stands for 40 %.',
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ]);
    const mended = await result(update, { id, input: { filter: { churnProbability: { min: 0.4 } } } });
    expect(mended.count).toBeGreaterThan(0);
    await result(remove, { id });
  });

  it.each(['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-01:00'])(
    'know instants beyond four digits of a year: %s',
    async (since) => {
      const dates = { or: [{ changedSince: since }, { tierChange: { since } }] };
      const { count } = await result<{ count: number }>(
        'query($filter: CustomerFilterInput!) { result: previewSegment(filter: $filter) { count } }',
        { filter: dates },
      );
      const { id, ...kept } = await result(create, { input: { name: 'Far off', filter: dates } });
      expect(kept.count).toBe(count);
      const { errors } = await server.ask('{ customers(first: 1) { edges { node { segments { name } } } } }');
      expect(errors).toBeUndefined();
      await result(remove, { id });
    },
  );

  it('keep what several change at once, and stay deleted', async () => {
    const input = { name: 'Together', filter };
    const both = async (id: string, changes: object[]) =>
      Promise.all(changes.map((change) => result(update, { id, input: change })));
    for (let round = 0; round < 8; round++) {
      const { id } = await result(create, { input });
      await both(id, [{ description: 'described' }, { filter: { orders: { min: 2 } } }, { name: 'Renamed' }]);
      const changed = { name: 'Renamed', description: 'described', filter: { orders: { min: 2 } } };
      expect(await result(update, { id, input: {} })).toMatchObject(changed);
      await Promise.all([result(remove, { id }), both(id, [{ description: 'late' }, { name: 'Late' }])]);
      expect(await result(update, { id, input: {} })).toMatchObject({ errorCode: 'NOT_FOUND' });
    }
  });

  it('are deleted once, whoever else does it at the same time', async () => {
    const { id } = await result(create, { input: { name: 'Once', filter } });
    const { dataSource } = server.database;
    const holder = dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query(`select from segment where name = 'Once' for update`);
    const removals = [result(remove, { id }), result(remove, { id })];
    await untilLocked(dataSource, 2);
    await holder.commitTransaction();
    await holder.release();
    const types = (await Promise.all(removals)).map(({ __typename }) => __typename);
    expect(types.toSorted()).toEqual(['NotFoundError', 'Segment']);
  });

  it('show under each mutation of a document the state after it', async () => {
    const customers = 'customers: [{ externalId: "c", country: "Chile" }], source: "fresh"';
    const orders =
      'orders: [{ externalId: "o", customerExternalId: "c", placedAt: "2025-03-01", total: 7 }], source: "fresh"';
    const segment = (name: string) => `createSegment(input: { name: "${name}", filter: { source: ["fresh"] } }) {
      ... on Segment { count members { edges { node {
        country numberOfOrders totalSpent orders { edges { node { externalId } } } segments { name } } } } } }`;
    const { data, errors } = await server.ask<Record<'before' | 'after', { members: object }>>(`mutation {
      upsertCustomers(customers: [{ externalId: "c" }], source: "fresh") { items { status } }
      before: ${segment('Fresh before')}
      upsertOrders(${orders}) { items { status } }
      again: upsertCustomers(${customers}) { items { status } }
      more: upsertCustomers(customers: [{ externalId: "d" }], source: "fresh") { items { status } }
      after: ${segment('Fresh after')}
    }`);
    expect(errors).toBeUndefined();
    const none = { country: null, numberOfOrders: 0, totalSpent: 0, orders: { edges: [] } };
    expect(data.before).toMatchObject({
      count: 1,
      members: { edges: [{ node: { ...none, segments: expect.arrayContaining([{ name: 'Fresh before' }]) } }] },
    });
    const segments = expect.arrayContaining([{ name: 'Fresh before' }, { name: 'Fresh after' }]);
    const one = {
      country: 'Chile',
      numberOfOrders: 1,
      totalSpent: 7,
      orders: { edges: [{ node: { externalId: 'o' } }] },
    };
    const nodes = [{ node: { ...one, segments } }, { node: { ...none, segments } }];
    expect(data.after).toMatchObject({ count: 2, members: { edges: expect.arrayContaining(nodes) } });
  });

  it('are counted in turn, so that a page of them does not take all connections', async () => {
    for (const min of [1, 2, 3, 4]) await result(create, { input: { name: `From ${min}`, filter: { clv: { min } } } });
    const { dataSource } = server.database;
    let asking: Promise<{ data: { segments: { edges: { node: { count: number } }[] } } }> | undefined;
    await dataSource.transaction(async (manager) => {
      await manager.query('lock table prediction in access exclusive mode');
      asking = server.ask('{ segments(first: 4) { edges { node { count totalPredictedClv } } } }');
      await expectWaitingFor(dataSource, 'prediction', 2);
      // Others are answered meanwhile.
      expect(
        (await server.ask<{ customers: object }>('{ customers(first: 1) { edges { node { id } } } }')).errors,
      ).toBe(undefined);
    });
    const { data } = await asking!;
    const counts = data.segments.edges.map(({ node }) => node.count);
    expect(counts).toHaveLength(4);
    expect(counts).toEqual(counts.toSorted((one, other) => one - other));
  });

  it('by what was bought are looked up in turn, so that pages of their members do not take all connections', async () => {
    const { id } = await result(create, { input: { name: 'Bought z', filter: { boughtProduct: 'z' } } });
    const page = '{ customers(first: 5) { edges { node { segments { name } } } } }';
    const answers = await askedInTurn(server, 'order_line', page);
    for (const { errors } of answers) expect(errors).toBeUndefined();
    await result(remove, { id });
  });

  it('are written by marketers only, with filters that can be read', async () => {
    const codeOf = async (input: object, as: Ask['as']) =>
      (await server.ask(create, { as, variables: { input } })).errors?.[0]?.extensions.code;
    expect(await codeOf({ name: 'x', filter: {} }, 'VIEWER')).toBe('FORBIDDEN');
    for (const name of ['', ' ', 'x ', '\nx'])
      expect(await codeOf({ name, filter: {} }, 'MARKETER')).toBe('BAD_USER_INPUT');
    expect(await codeOf({ name: 'x', filter: { or: [] } }, 'MARKETER')).toBe('BAD_USER_INPUT');
    expect(await codeOf({ name: 'x', filter: { spend: { min: 2, max: 1 } } }, 'MARKETER')).toBe('BAD_USER_INPUT');
    const deep = `{ previewSegment(filter: ${'{ not: '.repeat(30)}{}${'}'.repeat(30)}) { count } }`;
    expect((await server.ask(deep)).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  it('keep filters of a modest size only, since all of them are read for every page of customers with segments', async () => {
    const ofLength = (characters: number) => {
      const country = Array.from({ length: Math.floor(characters / 193) - 1 }, (_, i) => `${i}`.padEnd(190, 'x'));
      const rest = characters - JSON.stringify({ country, source: [''] }).length;
      return { country, source: ['x'.repeat(rest)] };
    };
    const errorOf = async (query: string, variables: Record<string, unknown>) =>
      (await server.ask(query, { as: 'MARKETER', variables })).errors?.[0];
    const { id } = await result(create, { input: { name: 'large', filter: ofLength(100_000) } });
    const refusal = {
      message: 'The filter has 100,001 characters as JSON; that of a segment has 100,000 at most.',
      extensions: { code: 'BAD_USER_INPUT' },
    };
    const tooLarge = ofLength(100_001);
    expect(await errorOf(create, { input: { name: 'too large', filter: tooLarge } })).toMatchObject(refusal);
    expect(await errorOf(update, { id, input: { filter: tooLarge } })).toMatchObject(refusal);
    await result(remove, { id });
  });

  it('list their members by spend where a model that has not scored anybody is promoted meanwhile', async () => {
    // By its only connection all statements wait for those before them.
    const dataSource = await createDataSource({ url: server.database.url, poolSize: 1 }).initialize();
    onTestFinished(() => dataSource.destroy());
    const segments = new SegmentsService(
      dataSource,
      new CustomerListService(dataSource, { asOf: 'auto' }),
      new TotalsService(dataSource, pLimit(1)),
    );
    const scored = 'update model_version set (scored_horizon_days, scored_as_of) =';
    const [before] = await dataSource.query<[{ days: number; day: Date }]>(
      `select scored_horizon_days as days, scored_as_of as day from model_version where state = 'ACTIVE'`,
    );
    const members = segments.members({}, { first: 5 });
    await dataSource.query(`${scored} (null, null) where state = 'ACTIVE'`);
    const idsOf = ({ edges }: Awaited<typeof members>) => edges.map(({ node }) => node.id);
    const found = idsOf(await members);
    expect(found).toEqual(
      idsOf(await segments.members({}, { first: 5, orderBy: { field: 'SPEND', direction: 'DESC' } })),
    );
    await expect(segments.members({ tier: ['GOLD'] }, { first: 5 })).rejects.toMatchObject({ code: 'MODEL_NOT_READY' });
    await dataSource.query(`${scored} ($1, $2) where state = 'ACTIVE'`, [before.days, before.day]);
  });
});

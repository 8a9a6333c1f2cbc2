import { beforeAll, describe, expect, it } from 'vitest';
import { useTestServer } from '../support/test-server.js';

interface Page {
  readonly auditLog: {
    readonly edges: readonly { readonly node: { readonly at: string; readonly action: string } }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

describe('the audit log', () => {
  const server = useTestServer();
  let marketer: string;
  beforeAll(async () => {
    marketer = (await server.ask<{ me: { id: string } }>('{ me { id } }', { as: 'MARKETER' })).data.me.id;
    const products = (name: string) => `mutation { upsertProducts(products: [{ externalId: "${name}" }]) { created } }`;
    await server.ask(products('a'), { as: 'MARKETER' });
    await server.ask(products('b'));
    await server.ask('mutation { deleteOrders(externalIds: ["x"]) { deleted } }', { as: 'MARKETER' });
    await server.ask('mutation { deleteOrders(externalIds: ["x"], source: " ") { deleted } }', { as: 'MARKETER' });
    await server.ask(products('c'), { as: 'MARKETER' });
    await server.database.dataSource.query(
      `insert into audit_entry (at, action, details) values ('2020-05-01T08:00:00.123456Z', 'promoteModel', '{"outcome": "FAILED"}'),
         ('2020-05-01T08:00:00.123456Z', 'promoteModel', '{}'), ('2020-05-02T00:00Z', 'promoteModel', '{"outcome": "DONE"}')`,
    );
  });

  const ask = (filter: object, page: object = {}) =>
    server.ask<Page>(
      `query($filter: AuditFilterInput, $first: Int! = 20, $after: String) { auditLog(filter: $filter, first: $first, after: $after) {
        edges { node { at action } } pageInfo { hasNextPage endCursor } } }`,
      { variables: { filter, ...page } },
    );
  const actions = async (filter: object) => (await ask(filter)).data.auditLog.edges.map(({ node }) => node.action);

  it('is searched by key, operation, outcome and time, newest first', async () => {
    expect(await actions({ apiKeyId: marketer })).toEqual([
      'upsertProducts',
      'deleteOrders',
      'deleteOrders',
      'upsertProducts',
    ]);
    expect(await actions({ apiKeyId: marketer, action: 'upsertProducts' })).toHaveLength(2);
    expect(await actions({ action: 'upsertProducts' })).toHaveLength(3);
    expect(await actions({ outcome: 'REFUSED' })).toEqual(['deleteOrders']);
    expect(await actions({ outcome: 'FAILED' })).toEqual(['promoteModel']);
    expect(await actions({ outcome: 'DONE', before: '2020-05-03T00:00:00Z' })).toEqual(['promoteModel']);
    expect(await actions({ from: '2021-01-01T00:00:00Z' })).toHaveLength(5);
    expect(await actions({ action: 'nothing of the sort' })).toEqual([]);
    expect(await actions({ action: 'a\0b' })).toEqual([]);
    // What is null is not asked for.
    expect(await actions({ apiKeyId: null, action: null, outcome: null, from: null, before: null })).toHaveLength(8);
  });

  it('counts its first instant and not its last', async () => {
    const day = { from: '2020-05-01T00:00:00Z', before: '2020-05-02T00:00:00Z' };
    expect(await actions(day)).toHaveLength(2);
    expect(await actions({ ...day, before: '2020-05-02T00:00:00.001Z' })).toHaveLength(3);
  });

  it('is read page by page, entries of one instant, too', async () => {
    const filter = { action: 'promoteModel' };
    const seen: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const { data }: { data: Page } = await ask(filter, { first: 1, after });
      seen.push(...data.auditLog.edges.map(({ node }) => node.at));
      ({ hasNextPage: more, endCursor: after } = data.auditLog.pageInfo);
    }
    expect(seen).toEqual(['2020-05-02T00:00:00.000Z', '2020-05-01T08:00:00.123Z', '2020-05-01T08:00:00.123Z']);
  });

  it('says what is wrong with a filter, and is for administrators only', async () => {
    const codeOf = async (filter: object) => (await ask(filter)).errors?.[0]?.extensions.code;
    expect(await codeOf({ apiKeyId: 'nobody' })).toBe('BAD_USER_INPUT');
    expect(await codeOf({ outcome: 'LOST' })).toBe('BAD_USER_INPUT');
    expect(await codeOf({ from: 'yesterday' })).toBe('BAD_USER_INPUT');
    const { errors } = await server.ask('{ auditLog(filter: { action: "x" }) { edges { cursor } } }', {
      as: 'MARKETER',
    });
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  it('keeps nothing of what a key without the role for it sends', async () => {
    const filter = { attributes: { [`${'x'.repeat(100)}`]: 'y'.repeat(200) } };
    const create =
      'mutation($filter: CustomerFilterInput!) { createSegment(input: { name: "n", filter: $filter }) { __typename } }';
    const refused = await server.ask(create, { as: 'VIEWER', variables: { filter } });
    expect(refused.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    const { data } = await server.ask('{ auditLog(first: 1) { edges { node { action details } } } }');
    const node = { action: 'createSegment', details: { outcome: 'REFUSED', errorCode: 'FORBIDDEN' } };
    expect(data).toEqual({ auditLog: { edges: [{ node }] } });
    // Of arguments that are long all together, it keeps how long.
    const long = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${i}${'x'.repeat(100)}`, 'y']));
    await server.ask(create, { as: 'MARKETER', variables: { filter: { attributes: long } } });
    const [entry] = await server.database.dataSource.query<[{ details: object }]>(
      'select details from audit_entry order by id desc limit 1',
    );
    expect(entry.details).toMatchObject({ arguments: expect.stringMatching(/^10\d{3} characters$/) });
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/test-server.js';

describe('limits of the server', () => {
  let server: TestServer | undefined;
  afterEach(() => server?.[Symbol.asyncDispose]());

  it('refuse a query that may cost too much, and say how much', async () => {
    server = await startTestServer({ maxQueryCost: 500 });
    const query = 'query($first: Int!) { customers(first: $first) { edges { node { id externalId } } } }';
    expect((await server.ask(query, { variables: { first: 100 } })).errors).toBeUndefined();
    // The same document is known by now; its variables are another matter.
    expect((await server.ask(query, { variables: { first: 200 } })).errors).toMatchObject([
      { extensions: { code: 'QUERY_TOO_COMPLEX', cost: 801, limit: 500 } },
    ]);
  });

  it('let everything that a customer has through, two hundred at a time', async () => {
    server = await startTestServer();
    const { errors } = await server.ask(`{ customers(first: 200) { totalCount edges { cursor node {
      id externalId firstOrderDate lastOrderDate numberOfOrders totalSpent personalData { name } segments { name }
      orders { edges { node { total lines { productName } } } } events { edges { node { type text } } }
      clv { predicted interval { lower upper } percentile tier model { grade } whatIfs { label predicted }
        explanation { baseline summary contributions { label amount } } }
    } } } }`);
    expect(errors).toBeUndefined();
  });

  it('refuse what would hold the server up before it is read, with and without a key', async () => {
    server = await startTestServer();
    const lines = `${'\n'.repeat(20_000)}{ ${Array.from({ length: 99 }, (_, i) => `x${i}`).join(' ')} }`;
    const erase = 'mutation($ids: [String!]!) { eraseCustomers(externalIds: $ids) { erased } }';
    const refused = [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }];
    expect((await server.ask(lines, { as: null })).errors).toMatchObject(refused);
    const ofNumbers = (length: number) => ({ variables: { ids: Array.from({ length }, () => 1) } });
    expect((await server.ask(erase, ofNumbers(2_001))).errors).toMatchObject(refused);
    expect((await server.ask(erase, { ...ofNumbers(1_001), as: null })).errors).toMatchObject(refused);
    // Not one message for each wrong value, and no failure of ours.
    const { errors } = await server.ask(erase, ofNumbers(2_000));
    expect(errors!.length).toBeLessThanOrEqual(51);
    expect(new Set(errors!.map(({ extensions }) => extensions.code))).toEqual(new Set(['BAD_USER_INPUT']));
    const inAddress = await server.fetch(`/graphql?query=${'%0A'.repeat(5_001)}`, {
      headers: { authorization: `Bearer ${server.keys.VIEWER}` },
    });
    expect(await inAddress.json()).toMatchObject({ errors: refused });
  });

  it('refuse fragments that grow without end where they are written out, with and without a key', async () => {
    server = await startTestServer();
    const chain = (length: number) => {
      const fragments = Array.from(
        { length },
        (_, i) => `fragment F${i} on ApiKey { __typename ...F${i + 1} ...F${i + 1} }`,
      );
      return `{ me { ...F0 } } ${fragments.join(' ')} fragment F${length} on ApiKey { role }`;
    };
    for (const as of [null, 'VIEWER'] as const) {
      // A query is compiled when it comes for the second time.
      for (let i = 0; i < 2; i++) {
        const [error] = (await server.ask(chain(20), { as })).errors ?? [];
        expect([error?.extensions.code, error?.message]).toEqual([
          'QUERY_TOO_COMPLEX',
          expect.stringContaining('fragments written out'),
        ]);
      }
    }
    const { data } = await server.ask(chain(9), { as: 'VIEWER' });
    expect(data).toEqual({ me: { __typename: 'ApiKey', role: 'VIEWER' } });
  });

  it('reject texts of which a page would be more than the server can hold', async () => {
    server = await startTestServer();
    const reasonsOf = async (mutation: string, variables: object) => {
      const { data } = await server!.ask<{ batch: { items: { reason: string | null }[] } }>(
        `mutation${mutation} { items { reason } } }`,
        { as: 'MARKETER', variables: { ...variables } },
      );
      return data.batch.items.map(({ reason }) => reason);
    };
    const products = [{ name: 'x'.repeat(1_001) }, { description: 'x'.repeat(100_001) }, { name: 'x'.repeat(1_000) }];
    expect(
      await reasonsOf('($products: [ProductInput!]!) { batch: upsertProducts(products: $products)', {
        products: products.map((product, i) => ({ externalId: `p${i}`, ...product })),
      }),
    ).toEqual(['name: is longer than 1000 characters', 'description: is longer than 100000 characters', null]);
    const customers = [20_001, 19_000].map((length) => ({
      externalId: `c${length}`,
      attributes: { note: 'x'.repeat(length) },
    }));
    expect(
      await reasonsOf('($customers: [CustomerInput!]!) { batch: upsertCustomers(customers: $customers)', { customers }),
    ).toEqual(['attributes: is longer than 20000 characters', null]);
  });

  it('let GET through with a key, which no other site’s page can send, and let no cache keep the answer', async () => {
    server = await startTestServer();
    const get = (headers: Record<string, string>) => server!.fetch('/graphql?query={me{role}}', { headers });
    const answer = await get({ 'x-api-key': server.keys.VIEWER });
    expect(await answer.json()).toEqual({ data: { me: { role: 'VIEWER' } } });
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
    expect((await get({})).status).toBe(400);
  });

  it('refuse requests beyond those of a minute, of each key by itself', async () => {
    server = await startTestServer({ rateLimit: 3 });
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await server.ask('{ me { role } }'));
    expect(answers.slice(0, 3).every(({ errors }) => errors === undefined)).toBe(true);
    expect(answers[3]!.errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', limit: 3 } }]);
    expect(answers[3]!.errors![0]!.extensions['retryAfterSeconds']).toBeGreaterThan(0);
    expect((await server.ask('{ me { role } }', { as: 'VIEWER' })).errors).toBeUndefined();
  });

  it('let callers without a key ask less than those with one', async () => {
    server = await startTestServer({ rateLimit: 10_000 });
    const stranger = { headers: { 'apollo-require-preflight': '1' } };
    const statusOf = async (init: RequestInit) => (await server!.fetch('/graphql?query={__typename}', init)).status;
    const statuses = await Promise.all(Array.from({ length: 301 }, () => statusOf(stranger)));
    expect(statuses.filter((status) => status === 200)).toHaveLength(300);
    expect(statuses).toContain(429);
    expect(await statusOf({ headers: { 'x-api-key': server.keys.VIEWER } })).toBe(200);
  });

  it('count unknown keys by the address that they come from', async () => {
    server = await startTestServer({ rateLimit: 2 });
    const guess = (key: string) =>
      server!.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: '{"query":"{ me { role } }"}',
      });
    const statuses = [];
    for (const key of ['a', 'b', 'c']) statuses.push((await guess(key)).status);
    expect(statuses).toEqual([401, 401, 429]);
    expect((await server.fetch('/healthz')).status).toBe(200);
  });
});

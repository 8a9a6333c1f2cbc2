import { afterEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './support/test-server.js';

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

  it('refuse requests beyond those of a minute, of each key by itself', async () => {
    server = await startTestServer({ rateLimit: 3 });
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await server.ask('{ me { role } }'));
    expect(answers.slice(0, 3).every(({ errors }) => errors === undefined)).toBe(true);
    expect(answers[3]!.errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', limit: 3 } }]);
    expect(answers[3]!.errors![0]!.extensions['retryAfterSeconds']).toBeGreaterThan(0);
    expect((await server.ask('{ me { role } }', { as: 'VIEWER' })).errors).toBeUndefined();
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

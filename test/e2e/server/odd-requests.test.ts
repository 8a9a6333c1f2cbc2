import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { shopCustomers } from '../../support/scored-shop.js';
import { useScoredServer } from '../support/test-server.js';

describe('requests that are odd', () => {
  const server = useScoredServer();

  async function codes(query: string, variables: Record<string, unknown> = {}): Promise<(string | undefined)[]> {
    const { errors = [] } = await server.ask(query, { variables });
    return errors.map(({ extensions }) => extensions.code);
  }

  it.each([
    ['query($n: Int) { customers(first: $n) { totalCount } }', { n: null }],
    ['query($s: String) { customer(externalId: "x", source: $s) { id } }', { s: null }],
    ['mutation($n: String = "x") { createApiKey(input: { name: $n, role: VIEWER }) { key } }', { n: null }],
  ])('are told that a null cannot stand for a default: %s', async (query, variables) => {
    expect(await codes(query, variables)).toEqual(['BAD_USER_INPUT']);
    // A query that came once is compiled.
    expect(await codes(query, variables)).toEqual(['BAD_USER_INPUT']);
  });

  it('are told that an attribute to filter by has no value, where its variable is not given: all customers would fit', async () => {
    const query = 'query($c: String) { customers(filter: { attributes: { channel: $c } }) { totalCount } }';
    const told = await server.ask(query);
    expect(told).toMatchObject({ data: null, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    expect(told.errors?.[0]?.message).toContain('"channel" has no value');
    expect(await server.ask(query, { variables: { c: null } })).toEqual({ data: { customers: { totalCount: 0 } } });
  });

  it('are told so, too, beside the same filter without the attribute', async () => {
    const preview = (attributes: string) =>
      `previewSegment(filter: { attributes: ${attributes} }) { count totalSpent }`;
    const query = `query($c: String) { all: ${preview('{}')} some: ${preview('{ channel: $c }')} }`;
    // A query that came once is compiled.
    for (let i = 0; i < 2; i++) {
      const told = await server.ask(query);
      expect(told).toMatchObject({ data: { all: { count: shopCustomers + 1 }, some: null } });
      expect(told.errors).toHaveLength(1);
    }
  });

  it.each(['text/event-stream', 'text/event-stream, multipart/mixed'])(
    'are told where streams are: %s',
    async (accept) => {
      const response = await server.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${server.keys.ADMIN}` },
        body: JSON.stringify({ query: '{ me { id } }' }),
      });
      expect(response.status).toBe(406);
      expect(await response.json()).toEqual({
        errors: [
          {
            message: 'Answers are JSON here. Server-sent events come from /graphql/stream.',
            extensions: { code: 'BAD_USER_INPUT' },
          },
        ],
      });
    },
  );

  it.each(['variables={', 'variables=5', 'variables=[]', 'extensions=x'])(
    'are told that what stands in the address of a stream is no JSON object: %s',
    async (parameter) => {
      const path = `/graphql/stream?query=${encodeURIComponent('{ me { id } }')}&${encodeURI(parameter)}`;
      const response = await server.fetch(path, { headers: { authorization: `Bearer ${server.keys.ADMIN}` } });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        errors: [
          {
            message: expect.stringContaining('"variables" or "extensions" is not a JSON object'),
            extensions: { code: 'BAD_USER_INPUT' },
          },
        ],
      });
    },
  );

  it('with variables in the address of a stream are answered', async () => {
    const query = new URLSearchParams({ query: 'query($n: Int) { customers(first: $n) { totalCount } }' });
    for (const variables of ['{"n":1}', '', 'null']) {
      const headers = { authorization: `Bearer ${server.keys.ADMIN}` };
      const response = await server.fetch(`/graphql/stream?${query}&variables=${encodeURI(variables)}`, { headers });
      expect(await response.text()).toContain('event: next');
    }
  });

  it.each([
    [431, `GET /graphql?query=${'x'.repeat(17_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, /16 KiB together\. .* POST/],
    [431, `GET /healthz HTTP/1.1\r\nhost: x\r\ncookie: ${'x'.repeat(17_000)}\r\n\r\n`, /headers are longer than/],
    [400, '\u0016\u0003\u0001 as TLS begins', /TLS \(https\)/],
  ])('that Node cannot read are answered in the form of all failures: %d', async (status, sent, told) => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname, () => socket.write(sent));
    const [head, body] = (await text(socket)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(body!)).toEqual({
      errors: [{ message: expect.stringMatching(told), extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });

  it.each([
    { query: 'query A { me { id } } query B { me { role } }' },
    { query: 'query A { me { id } } query B { me { role } }', operationName: 'C' },
    { query: 'query A { me { id } }', operationName: 'C' },
  ])('are told that no operation is meant: %o', async (body) => {
    const response = await server.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${server.keys.ADMIN}` },
      body: JSON.stringify(body),
    });
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
  });

  it.each([
    '{ customer(externalId: "\\u0000") { id } }',
    '{ customer(externalId: "a", source: "\\u0000") { id } }',
    'mutation { createSegment(input: { name: "a\\u0000b", filter: {} }) { id } }',
    'mutation { createSegment(input: { name: "s", filter: { boughtProduct: "a\\u0000b" } }) { id } }',
    'mutation { createApiKey(input: { name: "a\\u0000", role: VIEWER }) { key } }',
    'mutation { upsertCustomers(source: "\\u0000", customers: [{ externalId: "c" }]) { created } }',
  ])('with a NUL in a text are told so: %s', async (query) => {
    expect(await codes(query)).toEqual(['BAD_USER_INPUT']);
  });

  it.each([
    'mutation($t: String!) { createSegment(input: { name: $t, filter: {} }) { __typename } }',
    'mutation($t: String!) { createSegment(input: { name: "half", description: $t, filter: {} }) { __typename } }',
    'mutation($t: String!) { createApiKey(input: { name: $t, role: VIEWER }) { key } }',
  ])('with half a surrogate pair in a text, which would not be kept as it is, are told so: %s', async (query) => {
    expect(await codes(query, { t: 'a\uD83D' })).toEqual(['BAD_USER_INPUT']);
  });

  it.each(['a\0', 'a\uD83D'])(
    'with such a character in the name of an attribute are told so, and audited: %j',
    async (name) => {
      const query =
        'mutation($f: CustomerFilterInput!) { createSegment(input: { name: "odd", filter: $f }) { __typename } }';
      expect(await codes(query, { f: { attributes: { [name]: 1 } } })).toEqual(['BAD_USER_INPUT']);
      const { data } = await server.ask('{ auditLog(first: 1) { edges { node { action details } } } }');
      const details = {
        arguments: { input: { name: 'odd', filter: { attributes: { 'a\uFFFD': 1 } } } },
        outcome: 'REFUSED',
      };
      expect(data).toMatchObject({ auditLog: { edges: [{ node: { action: 'createSegment', details } }] } });
    },
  );

  it('with such a character in an id, and many others, are told so, and audited with the beginning of it', async () => {
    const query = 'mutation($id: ID!) { deleteSegment(id: $id) { __typename } }';
    expect(await codes(query, { id: `a\0${'x'.repeat(10_000)}` })).toEqual(['BAD_USER_INPUT']);
    const { data } = await server.ask('{ auditLog(first: 1) { edges { node { target } } } }');
    const target = `a\uFFFD${'x'.repeat(198)}…`;
    expect(data).toEqual({ auditLog: { edges: [{ node: { target } }] } });
  });

  it.each([
    ['query($t: DateTime) { customers(filter: { changedSince: $t }) { totalCount } }', '2026-11-28T00:33:17'],
    ['query($t: DateTime) { customers(filter: { changedSince: $t }) { totalCount } }', 1_790_000_000_000],
    ['{ customers(filter: { changedSince: "2026-11-28" }) { totalCount } }', undefined],
  ])('with an instant that is none are told how to write one: %s %s', async (query, t) => {
    const { errors } = await server.ask(query, { variables: { t } });
    const message = 'A DateTime is a text with date, time and time zone, such as "2026-03-31T08:15:00Z".';
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining(message) as string,
        locations: [{ line: 1 }],
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ]);
  });

  it.each([
    ['for HTTP/2, as Java asks', '/graphql', 'h2c', 200, { data: { __typename: 'Query' } }],
    ['for a WebSocket elsewhere', '/other', 'websocket', 404, { errors: [{ extensions: { code: 'NOT_FOUND' } }] }],
  ])('%s, are answered by plain HTTP', async (_what, path, upgrade, status, answer) => {
    const headers = { connection: 'Upgrade', upgrade, 'content-type': 'application/json' };
    const asked = request(new URL(path, server.url), { method: 'POST', headers });
    asked.end('{"query":"{ __typename }"}');
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(status);
    expect(JSON.parse(await text(response))).toMatchObject(answer);
  });

  it('with bounds too small for a column are answered', async () => {
    const count = async (filter: string) => {
      const { data, errors } = await server.ask<{ previewSegment: { count: number } }>(
        `{ previewSegment(filter: ${filter}) { count } }`,
      );
      expect(errors).toBeUndefined();
      return data.previewSegment.count;
    };
    for (const name of ['purchaseProbability', 'percentile']) {
      expect(await count(`{ ${name}: { min: 1e-60 } }`)).toBe(await count(`{ ${name}: { min: 1e-30 } }`));
    }
  });

  it('for a date to come, or without anybody to score, change nothing', async () => {
    const base = () =>
      server.database.dataSource.query(`select scored_as_of from model_version where state = 'ACTIVE'`);
    const before = await base();
    for (const name of ['startPreprocessing', 'startScoring', 'startEvaluation']) {
      const query = `mutation { ${name}(input: { asOf: "2999-01-01T00:00:00Z", horizonDays: 30 }) { ... on Run { id } } }`;
      expect(await codes(query)).toEqual(['BAD_USER_INPUT']);
    }
    expect(await base()).toEqual(before);
  });

  it('for a schedule without a time zone are refused', async () => {
    expect(await codes('mutation { scheduleRetrain(cron: "0 3 * * 1", timezone: "") { cron } }')).toEqual([
      'BAD_USER_INPUT',
    ]);
  });
});

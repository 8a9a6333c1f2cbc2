import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startTestServer, type TestServer } from './support/test-server.js';

/** Ten million characters are read, once, and are in the answer so many times. */
const textsTimes = (times: number) => {
  const aliases = Array.from({ length: times }, (_, i) => `a${i}: customer(externalId: "1") { ...texts }`);
  return `{ ${aliases.join(' ')} } fragment texts on Customer { events(first: 100) { edges { node { text } } } }`;
};
const tooLarge = {
  message: expect.stringMatching(/^The answer would be larger than 32 MiB\./) as string,
  extensions: { code: 'QUERY_TOO_COMPLEX' },
};

describe('an answer that is too large', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
    const { dataSource } = server.database;
    await dataSource.query(`insert into customer (id, external_id) values (1, '1')`);
    await dataSource.query(`select ensure_behavior_event_partitions('2025-01-01Z', '2025-12-31Z')`);
    await dataSource.query(
      `insert into behavior_event (external_id, customer_id, type, occurred_at, text)
       select n, 1, 'SEARCH', '2025-01-01Z'::timestamptz + n * interval '1 hour', repeat('x', 100000)
       from generate_series(1, 100) n`,
    );
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const post = (path: string, times: number) =>
    server.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': server.keys.MARKETER },
      body: JSON.stringify({ query: textsTimes(times) }),
    });

  it('is refused, also of a query that comes again and is compiled', async () => {
    for (let i = 0; i < 3; i++) {
      const response = await post('/graphql', 4);
      expect([response.status, await response.json()]).toEqual([400, { errors: [tooLarge] }]);
    }
    expect((await (await post('/graphql', 3)).text()).length).toBeGreaterThan(30_000_000);
  });

  it('is refused over an event stream', async () => {
    const events = await (await post('/graphql/stream', 4)).text();
    const [, data = ''] = /^data: (.*)$/m.exec(events) ?? [];
    expect(JSON.parse(data)).toEqual({ errors: [tooLarge] });
  });

  it('is refused over a WebSocket', async () => {
    const socket = new WebSocket(server.url.replace('http', 'ws'), 'graphql-transport-ws');
    await once(socket, 'open');
    const next = async () => JSON.parse(String((await once(socket, 'message'))[0])) as object;
    socket.send(JSON.stringify({ type: 'connection_init', payload: { 'X-API-Key': server.keys.MARKETER } }));
    await next();
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: textsTimes(4) } }));
    expect(await next()).toMatchObject({ type: 'next', payload: { errors: [tooLarge] } });
    socket.close();
  });
});

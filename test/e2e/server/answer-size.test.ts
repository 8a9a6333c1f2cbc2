import { once } from 'node:events';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { useTestServer } from '../support/test-server.js';

/** Ten million characters are read, once, and are in the answer so many times. */
const textsTimes = (times: number) => {
  const aliases = Array.from({ length: times }, (_, i) => `a${i}: customer(externalId: "1") { ...texts }`);
  return `{ ${aliases.join(' ')} } fragment texts on Customer { events(first: 100) { edges { node { text } } } }`;
};
const tooLarge = {
  message: expect.stringMatching(/^The answer, or what is read for it, would be larger than 32 MiB\./) as string,
  extensions: { code: 'QUERY_TOO_COMPLEX' },
};

describe('an answer that is too large', () => {
  const server = useTestServer();
  beforeAll(async () => {
    const { dataSource } = server.database;
    await dataSource.query(`insert into customer (id, external_id) values (1, '1')`);
    await dataSource.query(`select ensure_behavior_event_partitions('2025-01-01Z', '2025-12-31Z')`);
    await dataSource.query(
      `insert into behavior_event (external_id, customer_id, type, occurred_at, text)
       select n, 1, 'SEARCH', '2025-01-01Z'::timestamptz + n * interval '1 hour', repeat('x', 100000)
       from generate_series(1, 100) n`,
    );
  });

  const ask = (path: string, query: string, variables = {}) =>
    server.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': server.keys.MARKETER },
      body: JSON.stringify({ query, variables }),
    });
  const post = (path: string, times: number) => ask(path, textsTimes(times));

  it('is refused, also of a query that comes again and is compiled', async () => {
    for (let i = 0; i < 3; i++) {
      const response = await post('/graphql', 4);
      expect([response.status, await response.json()]).toEqual([400, { errors: [tooLarge] }]);
    }
    expect((await (await post('/graphql', 3)).text()).length).toBeGreaterThan(30_000_000);
  });

  it('is refused where attributes of customers make it so, most of which are not even read', async () => {
    const { dataSource } = server.database;
    await dataSource.query(
      `insert into customer (id, external_id, source, attributes)
       select 1 + n, n, 'large', jsonb_build_object('a', repeat('x', 1000000)) from generate_series(1, 10) n`,
    );
    await dataSource.query(
      `insert into campaign (name, starts_on, currency, contact_cost, margin, uplift, control_share, contacts)
       select 'c' || n, '2025-01-01', 'USD', 0, 0.5, 0.1, 0, 10 from generate_series(1, 30) n`,
    );
    await dataSource.query(
      `insert into campaign_member (campaign_id, customer_id, member_group, predicted)
       select campaign.id, customer.id, 'CONTACTED', 0 from campaign, customer where source = 'large'`,
    );
    const page = vi.spyOn(server.services.customerLists, 'page');
    const list = '{ edges { node { attributes } } }';
    const aliases = Array.from({ length: 30 }, (_, i) => `a${i}: customers(filter: { source: "large" }) ${list}`);
    for (const query of [
      `{ ${aliases.join(' ')} }`,
      `{ campaigns(first: 30) { edges { node { contacted ${list} } } } }`,
    ]) {
      page.mockClear();
      const { errors } = (await (await ask('/graphql', query)).json()) as { errors: object[] };
      expect(errors[0]).toMatchObject(tooLarge);
      expect(page.mock.calls.length).toBeLessThan(10);
    }
    page.mockRestore();
    // Of what is not asked for nothing counts, neither at first nor once the query is compiled.
    const query = `query ($all: Boolean!) { ${aliases.join(' ').replaceAll('attributes', 'externalId attributes @include(if: $all)')} }`;
    for (let i = 0; i < 2; i++) {
      const { errors } = (await (await ask('/graphql', query, { all: false })).json()) as { errors?: object[] };
      expect(errors).toBeUndefined();
    }
  });

  it('is refused where filters of segments make it so, most of which are not even read', async () => {
    await server.database.dataSource.query(
      `insert into segment (name, filter)
       select 's' || n, jsonb_build_object('country', jsonb_build_array(repeat('x', 1000000))) from generate_series(1, 10) n`,
    );
    const page = vi.spyOn(server.services.segments, 'page');
    const lists = (times: number) =>
      Array.from({ length: times }, (_, i) => `a${i}: segments { edges { node { id } } }`);
    const { errors } = (await (await ask('/graphql', `{ ${lists(30).join(' ')} }`)).json()) as { errors: object[] };
    expect(errors[0]).toMatchObject(tooLarge);
    expect(page.mock.calls.length).toBeLessThan(10);
    page.mockRestore();
    expect(await (await ask('/graphql', `{ ${lists(3).join(' ')} }`)).json()).not.toHaveProperty('errors');
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

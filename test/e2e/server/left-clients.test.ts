import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createDataSource } from '../../../src/database/data-source.js';
import { untilWaitingFor } from '../../support/waiting.js';
import { useScoredServer } from '../support/test-server.js';

const server = useScoredServer();

const ask = (path: string, query: string, signal?: AbortSignal) =>
  server.fetch(path, {
    method: 'POST',
    signal: signal ?? null,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${server.keys.MARKETER}` },
    body: JSON.stringify({ query }),
  });

/** What waits until the client, who is then made to leave, is known to have left. */
function leaving(client: AbortController) {
  const known: (boolean | undefined)[] = [];
  const waits = async (hasLeft?: () => boolean) => {
    known.push(hasLeft?.());
    client.abort();
    await vi.waitUntil(() => hasLeft?.(), { timeout: 10_000 });
    known.push(hasLeft?.());
  };
  return { known, waits };
}

it.each(['/graphql', '/graphql/stream'])('at %s it is known whether a client still waits', async (path) => {
  for (const field of ['explanation { summary }', 'whatIfs { change }']) {
    const client = new AbortController();
    const { known, waits } = leaving(client);
    vi.spyOn(server.services.clv, 'explain').mockImplementationOnce(async (requests, hasLeft) => {
      await waits(hasLeft);
      return requests.map(() => null);
    });
    vi.spyOn(server.services.whatIfs, 'whatIfs').mockImplementationOnce(async (clvs, hasLeft) => {
      await waits(hasLeft);
      return clvs.map(() => []);
    });
    const answer = ask(path, `{ customers(first: 2) { edges { node { clv { ${field} } } } } }`, client.signal);
    await expect(answer.then((response) => response.text())).rejects.toThrow('abort');
    await vi.waitUntil(() => known.length === 2, { timeout: 10_000 });
    expect(known).toEqual([false, true]);
    vi.restoreAllMocks();
  }
});

it('over a WebSocket it is known whether the client still waits', async () => {
  const client = new AbortController();
  const { known, waits } = leaving(client);
  vi.spyOn(server.services.clv, 'explain').mockImplementationOnce(async (requests, hasLeft) => {
    await waits(hasLeft);
    return requests.map(() => null);
  });
  const socket = new WebSocket(server.url.replace('http', 'ws'), 'graphql-transport-ws');
  client.signal.addEventListener('abort', () => socket.terminate());
  const send = (message: object) => socket.send(JSON.stringify(message));
  await once(socket, 'open');
  send({ type: 'connection_init', payload: { 'X-API-Key': server.keys.MARKETER } });
  await once(socket, 'message');
  const query = '{ customers(first: 2) { edges { node { clv { explanation { summary } } } } } }';
  send({ id: 'a', type: 'subscribe', payload: { query } });
  await vi.waitUntil(() => known.length === 2, { timeout: 20_000 });
  expect(known).toEqual([false, true]);
  vi.restoreAllMocks();
});

it('of a request that waits behind another one of its connection it is known, too', async () => {
  const client = new AbortController();
  const { known, waits } = leaving(client);
  vi.spyOn(server.services.clv, 'explain').mockImplementation(async (requests, hasLeft) => {
    if (requests.length === 1) await vi.waitUntil(() => known.length === 2, { timeout: 20_000 });
    else await waits(hasLeft);
    return requests.map(() => null);
  });
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  client.signal.addEventListener('abort', () => socket.destroy());
  for (const first of [1, 2]) {
    const query = `{ customers(first: ${first}) { edges { node { clv { explanation { summary } } } } } }`;
    const path = `/graphql?query=${encodeURIComponent(query)}`;
    socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nx-api-key: ${server.keys.VIEWER}\r\n\r\n`);
  }
  await vi.waitUntil(() => known.length === 2, { timeout: 20_000 });
  expect(known).toEqual([false, true]);
  vi.restoreAllMocks();
});

it('streams whose client has left before it is known whose they are do not count as open', async () => {
  // One that is not known yet, so that the database is asked.
  const { key } = await server.services.apiKeys.create('leaves early', 'VIEWER');
  const stream = (signal: AbortSignal | null = null) =>
    server.fetch('/graphql/stream?query={me{id}}', { signal, headers: { 'x-api-key': key } });
  const other = await createDataSource({ url: server.database.url, poolSize: 2 }).initialize();
  const locking = other.createQueryRunner();
  await locking.startTransaction();
  await locking.query('lock table api_key in access exclusive mode');
  const client = new AbortController();
  // As many as one caller may have.
  const left = Array.from({ length: 100 }, () => stream(client.signal));
  await untilWaitingFor(other, 'api_key');
  client.abort();
  await Promise.allSettled(left);
  await (await server.fetch('/healthz')).text();
  await locking.rollbackTransaction();
  await locking.release();
  await other.destroy();
  const answer = await stream();
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('"me"')]);
});

it('segments whose client has left are counted no further', async () => {
  const { segments } = server.services;
  for (let i = 0; i < 10; i++) await segments.create({ name: `of ${i} or more`, filter: { orders: { min: i } } });
  const client = new AbortController();
  const found: (() => void)[] = [];
  const worth = vi.spyOn(segments, 'worth').mockImplementation(async () => {
    await new Promise<void>((resolve) => void found.push(resolve));
    return { count: 0, totalPredicted: 0, meanPredicted: 0 };
  });
  const answer = ask('/graphql', '{ segments { edges { node { count } } } }', client.signal);
  await vi.waitUntil(() => found.length === 4, { timeout: 10_000 });
  client.abort();
  await expect(answer).rejects.toThrow('abort');
  // That one has left shows a moment later.
  await (await ask('/graphql', '{ me { id } }')).text();
  for (const resolve of found) resolve();
  await (await ask('/graphql', '{ me { id } }')).text();
  expect(found).toHaveLength(4);
  worth.mockRestore();
});

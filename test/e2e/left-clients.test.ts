import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createScoredShop } from '../support/scored-shop.js';
import { startTestServer, type TestServer } from './support/test-server.js';

let server: TestServer;
beforeAll(async () => void (server = await startTestServer({ device: 'cpu', threads: 1 }, createScoredShop())));
afterAll(() => server[Symbol.asyncDispose]());

const ask = (path: string, text: string, signal: AbortSignal) =>
  server.fetch(path, {
    method: 'POST',
    signal,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${server.keys.MARKETER}` },
    body: JSON.stringify({ query: text }),
  });

const query = '{ customers(first: 2) { edges { node { clv { explanation { summary } } } } } }';

it.each(['/graphql', '/graphql/stream'])(
  'of an explanation at %s it is known whether the client still waits',
  async (path) => {
    const client = new AbortController();
    const waits: (boolean | undefined)[] = [];
    const explain = vi.spyOn(server.services.clv, 'explain').mockImplementationOnce(async (requests, hasLeft) => {
      waits.push(hasLeft?.());
      client.abort();
      await vi.waitUntil(() => hasLeft?.(), { timeout: 10_000 });
      waits.push(hasLeft?.());
      return requests.map(() => null);
    });
    const answer = ask(path, query, client.signal);
    await expect(answer.then((response) => response.text())).rejects.toThrow('abort');
    await vi.waitUntil(() => waits.length === 2, { timeout: 10_000 });
    expect(waits).toEqual([false, true]);
    explain.mockRestore();
  },
);

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
  // Of another client, as whoever has left shows a moment later.
  await (await ask('/graphql', '{ me { id } }', new AbortController().signal)).text();
  for (const resolve of found) resolve();
  await (await ask('/graphql', '{ me { id } }', new AbortController().signal)).text();
  expect(found).toHaveLength(4);
  worth.mockRestore();
});

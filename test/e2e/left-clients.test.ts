import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createScoredShop } from '../support/scored-shop.js';
import { startTestServer, type TestServer } from './support/test-server.js';

let server: TestServer;
beforeAll(async () => void (server = await startTestServer({ device: 'cpu', threads: 1 }, createScoredShop())));
afterAll(() => server[Symbol.asyncDispose]());

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
    const answer = server.fetch(path, {
      method: 'POST',
      signal: client.signal,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${server.keys.VIEWER}` },
      body: JSON.stringify({ query }),
    });
    await expect(answer.then((response) => response.text())).rejects.toThrow('abort');
    await vi.waitUntil(() => waits.length === 2, { timeout: 10_000 });
    expect(waits).toEqual([false, true]);
    explain.mockRestore();
  },
);

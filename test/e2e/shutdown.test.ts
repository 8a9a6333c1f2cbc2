import { expect, it } from 'vitest';
import { createScoredShop } from '../support/scored-shop.js';
import { startTestServer } from './support/test-server.js';

it('a server that closes answers what it has begun, and keeps no connection for more', async () => {
  await using server = await startTestServer({ device: 'cpu', threads: 1 }, createScoredShop());
  // The client keeps its connection open for another request.
  const answer = server.ask<{ customers: { edges: object[] } }>(
    '{ customers(first: 100) { edges { node { clv { explanation { summary } } } } } }',
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  const closed = server.close();
  const { data, errors } = await answer;
  expect(errors).toBeUndefined();
  expect(data.customers.edges).toHaveLength(100);
  const kept = Symbol('kept');
  // Node would keep an idle connection for five seconds, Fastify for 72.
  const late = new Promise((resolve) => setTimeout(resolve, 4_000, kept));
  expect(await Promise.race([closed, late])).not.toBe(kept);
});

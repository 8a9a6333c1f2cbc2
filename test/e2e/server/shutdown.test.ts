import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { createScoredShop } from '../../support/scored-shop.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

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

/** A connection that has sent this, and does nothing more by itself. */
async function connection({ url }: TestServer, sent: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(sent);
  await new Promise((resolve) => setTimeout(resolve, 200));
  return socket.resume();
}

const post = 'POST /graphql HTTP/1.1\r\nHost: x\r\n';
const webSocket =
  'GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Protocol: graphql-transport-ws\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';

// Without what cuts them off each takes 23 seconds or more.
it.each([
  ['sends nothing, as browsers open some beforehand', '', 5_000],
  ['has sent half of a head', post, 5_000],
  ['has sent half of a body', `${post}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"query":`, 15_000],
  ['is a WebSocket whose peer answers no close', webSocket, 10_000],
])('a server that closes waits for no connection that %s', async (_what, sent, mostMs) => {
  await using server = await startTestServer();
  const socket = await connection(server, sent);
  const began = performance.now();
  await server.close();
  expect(performance.now() - began).toBeLessThan(mostMs);
  socket.destroy();
});

import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
  // The page is made at the first request.
  await (await server.fetch('/graphql', { headers: { accept: 'text/html' } })).text();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await server[Symbol.asyncDispose]();
});

const { setTimeout: setLimit } = Socket.prototype;

/** In place of the minute that a client is given. */
function limitedTo(ms: number): void {
  vi.spyOn(Socket.prototype, 'setTimeout').mockImplementation(function (this: Socket, given, listener) {
    return setLimit.call(this, given === 60_000 ? ms : given, listener);
  });
}

/** A client that has asked for this, and takes nothing of the answer. */
async function idleClient(sent: string): Promise<Socket> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => undefined);
  await once(socket, 'connect');
  socket.pause().write(sent);
  return socket;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function bytesOf(socket: Socket): Promise<number> {
  let bytes = 0;
  socket.on('data', ({ length }) => (bytes += length)).resume();
  await Promise.race([once(socket, 'close'), sleep(3_000)]);
  return bytes;
}

/** Of nine megabytes, far more than the kernel keeps for either side. */
const page = 'GET /graphql HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n';
const most = 9_000_000;

it('an answer of which nothing is taken is given up', async () => {
  limitedTo(500);
  const socket = await idleClient(page);
  await sleep(2_500);
  expect(await bytesOf(socket)).toBeLessThan(most);
  expect(socket.closed).toBe(true);
});

it('an answer that is taken slowly is not', async () => {
  limitedTo(500);
  const socket = await idleClient(page);
  let bytes = 0;
  const taken = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes % 2_000_000 >= chunk.length) return;
    socket.pause();
    setTimeout(() => socket.resume(), 300);
  };
  socket.on('data', taken).resume();
  await vi.waitFor(() => expect(bytes).toBeGreaterThan(most), 15_000);
  socket.destroy();
});

it('whoever waits for an answer, the second one on a connection, too, is left alone', async () => {
  limitedTo(500);
  const { page } = server.services.runs;
  vi.spyOn(server.services.runs, 'page').mockImplementation(async (request) => {
    await sleep(1_000);
    return page.call(server.services.runs, request);
  });
  for (let i = 0; i < 2; i++) expect((await server.ask('{ runs { edges { cursor } } }')).errors).toBeUndefined();
});

it('an answer over an event stream of which nothing is taken is given up, too', async () => {
  limitedTo(500);
  await server.database.dataSource.query(`update api_key set name = repeat('x', $1) where role = 'ADMIN'`, [most]);
  const body = '{"query":"{ me { name } }"}';
  const socket = await idleClient(
    `POST /graphql/stream HTTP/1.1\r\nHost: x\r\nX-API-Key: ${server.keys.ADMIN}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await sleep(2_500);
  expect(await bytesOf(socket)).toBeLessThan(most);
  expect(socket.closed).toBe(true);
});

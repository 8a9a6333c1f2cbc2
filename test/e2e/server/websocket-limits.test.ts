import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createClient } from 'graphql-ws';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { globalId } from '../../../src/schema/global-id.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: readonly { readonly extensions: Record<string, unknown> }[];
}

const me = '{ me { role } }';
const follow = 'subscription($id: ID!) { runProgress(id: $id) { state } }';

const soon = { timeout: 20_000 };

/** A socket, everything that came by it, and the code with which it was closed. */
async function open(server: TestServer, key: string) {
  const socket = new WebSocket(server.url.replace('http', 'ws'), 'graphql-transport-ws');
  const messages: Message[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data)) as Message));
  const closed = new Promise<number>((resolve) => void socket.on('close', resolve));
  const send = (message: object) => socket.send(JSON.stringify(message));
  await once(socket, 'open');
  send({ type: 'connection_init', payload: { 'X-API-Key': key } });
  await Promise.race([vi.waitUntil(() => messages.length > 0, soon), closed]);
  const subscribe = (id: string, query: string, variables = {}) =>
    send({ id, type: 'subscribe', payload: { query, variables } });
  return { socket, messages, closed, subscribe, of: (type: string) => messages.filter((one) => one.type === type) };
}

/** What the handshake of a client may ask, and one of its text frames. */
const upgrade =
  'GET /graphql?of=some HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Protocol: graphql-transport-ws\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
function frame(message: object): Buffer {
  const payload = Buffer.from(JSON.stringify(message));
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(payload.length));
  // Masked by zeros.
  return Buffer.concat([Buffer.of(0x81, 0x80 | 127), length, Buffer.alloc(4), payload]);
}

describe('a WebSocket', () => {
  let server: TestServer | undefined;
  afterEach(() => server?.[Symbol.asyncDispose]());

  it('asks no more in a minute than plain requests may', async () => {
    server = await startTestServer({ rateLimit: 3 });
    await server.ask(me, { as: 'VIEWER' });
    const { subscribe, of } = await open(server, server.keys.VIEWER);
    for (const id of ['a', 'b', 'c']) {
      subscribe(id, me);
      await vi.waitUntil(() => [...of('next'), ...of('error')].some((message) => message.id === id), soon);
    }
    expect(of('next').map(({ id }) => id)).toEqual(['a', 'b']);
    expect(of('error')).toMatchObject([{ id: 'c', payload: [{ extensions: { code: 'RATE_LIMITED', limit: 3 } }] }]);
    expect((await server.ask(me, { as: 'VIEWER' })).errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
    expect((await server.ask(me)).errors).toBeUndefined();
  });

  it('has some operations that run at once, and no more', async () => {
    server = await startTestServer();
    const { subscribe, of } = await open(server, server.keys.ADMIN);
    const run = await server.services.runs.start('PREPROCESS', {});
    for (let i = 0; i < 25; i++) subscribe(String(i), follow, { id: globalId('Run', run.id) });
    await vi.waitUntil(() => of('next').length === 20 && of('error').length === 5, soon);
    expect(of('error')[0]).toMatchObject({ id: '20', payload: [{ extensions: { code: 'RATE_LIMITED', limit: 20 } }] });
  });

  it('is one of a hundred of its key, as a stream is', async () => {
    server = await startTestServer();
    const { url, keys } = server;
    const openAs = (role: 'ADMIN' | 'VIEWER') => open(server!, keys[role]);
    const [first] = await Promise.all(Array.from({ length: 100 }, () => openAs('ADMIN')));
    expect(await (await openAs('ADMIN')).closed).toBe(4429);
    expect((await openAs('VIEWER')).of('connection_ack')).toHaveLength(1);
    first!.socket.close();
    await first!.closed;
    expect((await openAs('ADMIN')).of('connection_ack')).toHaveLength(1);

    const id = globalId('Run', (await server.services.runs.start('PREPROCESS', {})).id);
    const stream = () =>
      fetch(`${url}/stream`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'x-api-key': keys.ADMIN },
        body: JSON.stringify({ query: follow, variables: { id } }),
      });
    const statuses = (await Promise.all(Array.from({ length: 101 }, stream))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(100);
    expect(statuses).toContain(429);
  });

  it('counts no longer once it is closed, be it before it is one, or while its key is looked for', async () => {
    server = await startTestServer();
    const { keys, url } = server;
    const port = Number(new URL(url).port);
    const refused = upgrade.replace('Version: 13', 'Version: 12');
    for (let i = 0; i < 100; i++) {
      const socket = connect(port, '127.0.0.1', () => socket.write(refused)).resume();
      await once(socket, 'close');
    }
    let answer = () => undefined as void;
    const known = new Promise<void>((resolve) => (answer = resolve));
    const { authenticate } = server.services.apiKeys;
    const looking = vi.spyOn(server.services.apiKeys, 'authenticate').mockImplementation(async (key) => {
      await known;
      return authenticate.call(server!.services.apiKeys, key);
    });
    for (let i = 0; i < 100; i++) {
      const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
      await once(socket, 'open');
      socket.send(JSON.stringify({ type: 'connection_init', payload: { 'X-API-Key': keys.VIEWER } }));
      await vi.waitUntil(() => looking.mock.calls.length > i, soon);
      socket.close();
      await once(socket, 'close');
    }
    answer();
    await Promise.all(looking.mock.results.map(({ value }) => value as Promise<unknown>));
    expect((await open(server, keys.VIEWER)).of('connection_ack')).toHaveLength(1);
  });

  it('is read only so far without a key', async () => {
    server = await startTestServer();
    const ping = (characters: number) => JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(characters) } });
    const socket = new WebSocket(server.url.replace('http', 'ws'), 'graphql-transport-ws');
    const closed = once(socket, 'close') as Promise<[number]>;
    await once(socket, 'open');
    socket.send(ping(8_000));
    expect(String((await once(socket, 'message'))[0])).toContain('"type":"pong"');
    socket.send(ping(9_000));
    expect((await closed)[0]).toBe(1009);

    const known = await open(server, server.keys.VIEWER);
    known.socket.send(ping(500_000));
    await vi.waitUntil(() => known.of('pong').length === 1, soon);
    known.socket.send(ping(1_100_000));
    expect(await known.closed).toBe(1009);
  });

  it('is told to come back where its key cannot be looked for, and counts no longer: a hundred would keep out all others', async () => {
    server = await startTestServer();
    const { keys } = server;
    const lost = Object.assign(new Error('terminating connection'), { code: '57P01' });
    const out = vi.spyOn(server.services.apiKeys, 'authenticate').mockRejectedValue(lost);
    const early = await Promise.all(Array.from({ length: 100 }, () => open(server!, keys.VIEWER)));
    expect(new Set(await Promise.all(early.map(({ closed }) => closed)))).toEqual(new Set([1013]));
    expect(early.flatMap(({ messages }) => messages)).toEqual([]);
    out.mockRestore();
    expect((await open(server, keys.VIEWER)).of('connection_ack')).toHaveLength(1);
  });

  it('that the protocol’s own client opens while Postgres is out is open once it is back', async () => {
    server = await startTestServer();
    const { keys, url } = server;
    const lost = Object.assign(new Error('terminating connection'), { code: '57P01' });
    vi.spyOn(server.services.apiKeys, 'authenticate').mockRejectedValueOnce(lost).mockRejectedValueOnce(lost);
    const client = createClient({
      url: url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { 'X-API-Key': keys.VIEWER },
      retryWait: () => Promise.resolve(),
    });
    const answers: unknown[] = [];
    for await (const answer of client.iterate({ query: me })) answers.push(answer);
    expect(answers).toEqual([{ data: { me: { role: 'VIEWER' } } }]);
    await client.dispose();
  });

  it('is cut off where its peer does not read, which leaves nothing but JSON in the log', async () => {
    server = await startTestServer();
    const errors = vi.spyOn(console, 'error');
    const { port } = new URL(server.url);
    const socket: Socket = connect(Number(port), '127.0.0.1');
    const closed = new Promise((resolve) => socket.on('close', resolve).on('error', () => undefined));
    await once(socket, 'connect');
    socket.write(upgrade);
    await once(socket, 'data');
    socket.write(frame({ type: 'connection_init', payload: { 'X-API-Key': server.keys.ADMIN } }));
    await once(socket, 'data');
    socket.pause();
    // Each is answered by as much.
    const ping = frame({ type: 'ping', payload: { text: 'x'.repeat(1_000_000) } });
    for (let i = 0; i < 30; i++) socket.write(ping);
    await vi.waitUntil(() => server!.log.some((line) => line.includes('its peer has yet to read')), soon);
    socket.destroy();
    await closed;
    expect(errors).not.toHaveBeenCalled();
    for (const line of server.log) expect(() => JSON.parse(line) as unknown).not.toThrow();
    errors.mockRestore();
  });
});

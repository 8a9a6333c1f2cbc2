import { ServerResponse } from 'node:http';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient, type Client } from 'graphql-ws';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Run } from '../../../src/entities/index.js';
import { globalId } from '../../../src/schema/global-id.js';
import { changeRun } from '../../../src/services/runs/run-transitions.js';
import { startTestServer, useTestServer } from '../support/test-server.js';

const query = `subscription($id: ID!) { runProgress(id: $id) { id state phase progress input } }`;

/** Two hundred orders of each of two hundred customers. */
const costly =
  '{ customers(first: 200) { edges { node { orders(first: 200) { edges { node { total currency } } } } } } }';

interface Progress {
  readonly data?: { runProgress: { state: string; phase: string; progress: number } } | null;
  readonly errors?: readonly { message: string; extensions?: { code?: string } }[];
}

interface Transport {
  /** Every result until the server completes, or what it refused with. */
  follow(id: string, key: string | null, onResult?: (result: Progress) => unknown): Promise<Progress[]>;
}

async function collected(
  iterated: AsyncIterable<unknown>,
  onResult: (result: Progress) => unknown = () => undefined,
): Promise<Progress[]> {
  const results: Progress[] = [];
  for await (const result of iterated as AsyncIterable<Progress>) {
    results.push(result);
    await onResult(result);
  }
  return results;
}

describe('progress of a run', () => {
  const server = useTestServer();

  const change = (run: Run, what: Partial<Pick<Run, 'state' | 'phase' | 'progress' | 'settledAt'>>) =>
    changeRun(server.database.dataSource.manager, { id: run.id }, what);

  const overWebSocket: Transport = {
    async follow(id, key, onResult) {
      const client: Client = createWsClient({
        url: server.url.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        connectionParams: key ? { Authorization: `Bearer ${key}` } : {},
      });
      try {
        return await collected(client.iterate({ query, variables: { id } }), onResult);
      } catch (error) {
        if (Array.isArray(error)) return [{ errors: error }];
        throw error;
      } finally {
        await client.dispose();
      }
    },
  };

  const overEventStream: Transport = {
    async follow(id, key, onResult) {
      const client = createSseClient({
        url: `${server.url}/stream`,
        retryAttempts: 0,
        headers: key ? { 'X-API-Key': key } : {},
      });
      try {
        return await collected(client.iterate({ query, variables: { id } }), onResult);
      } finally {
        client.dispose();
      }
    },
  };

  describe.each([
    ['graphql-ws', overWebSocket],
    ['server-sent events', overEventStream],
  ])('over %s', (_name, transport) => {
    it('comes from the first state to the last, then ends', async () => {
      const run = await server.services.runs.start('PREPROCESS', { horizonDays: 30 });
      const results = await transport.follow(globalId('Run', run.id), server.keys.ADMIN, async ({ data }) => {
        const { state, phase } = data?.runProgress ?? {};
        if (state === 'PENDING') await change(run, { state: 'RUNNING', phase: 'cleaning', progress: 0.25 });
        if (phase === 'cleaning')
          await change(run, { state: 'COMPLETED', phase: '', progress: 1, settledAt: new Date() });
      });
      expect(results.map(({ data }) => data?.runProgress)).toEqual([
        {
          id: globalId('Run', run.id),
          state: 'PENDING',
          phase: 'waiting for a worker',
          progress: 0,
          input: { horizonDays: 30 },
        },
        {
          id: globalId('Run', run.id),
          state: 'RUNNING',
          phase: 'cleaning',
          progress: 0.25,
          input: { horizonDays: 30 },
        },
        { id: globalId('Run', run.id), state: 'COMPLETED', phase: '', progress: 1, input: { horizonDays: 30 } },
      ]);
    });

    it('outlives a moment in which the database does not answer', async () => {
      const { runs, apiKeys } = server.services;
      const run = await runs.start('PREPROCESS', {});
      const lost = () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
      const results = await transport.follow(globalId('Run', run.id), server.keys.ADMIN, async ({ data }) => {
        if (data?.runProgress.state !== 'PENDING') return;
        const reads = vi.spyOn(runs, 'get').mockRejectedValueOnce(lost());
        const keys = vi.spyOn(apiKeys, 'authenticate').mockRejectedValueOnce(lost());
        await change(run, { state: 'CANCELLED', settledAt: new Date() });
        await vi.waitFor(() => expect(keys.mock.calls.length).toBeGreaterThan(1), 10_000);
        expect(reads.mock.calls.length).toBeGreaterThan(1);
        vi.restoreAllMocks();
      });
      expect(results.map(({ data }) => data?.runProgress.state)).toEqual(['PENDING', 'CANCELLED']);
    });

    it('is refused to a viewer', async () => {
      const run = await server.services.runs.start('PREPROCESS', {});
      const [refused] = await transport.follow(globalId('Run', run.id), server.keys.VIEWER);
      expect(refused?.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    });

    it('ends when the key is revoked', async () => {
      const { key, apiKey } = await server.services.apiKeys.create('to be revoked', 'ADMIN');
      const run = await server.services.runs.start('PREPROCESS', {});
      const results = await transport.follow(globalId('Run', run.id), key, async ({ data }) => {
        if (!data) return;
        await server.services.apiKeys.revoke(apiKey.id);
        await change(run, { state: 'RUNNING', phase: 'unseen', progress: 0.5 });
      });
      expect(results).toHaveLength(2);
      expect(results[1]?.errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
      expect(JSON.stringify(results)).not.toContain('unseen');
    });

    it('tells what is wrong with the request', async () => {
      const code = async (id: string) => {
        const [refused] = await transport.follow(id, server.keys.ADMIN);
        return refused?.errors?.[0]?.extensions?.code;
      };
      expect(await code('nonsense')).toBe('BAD_USER_INPUT');
      expect(await code(globalId('Run', '00000000-0000-4000-8000-000000000000'))).toBe('NOT_FOUND');
    });

    it('that breaks off inside tells a reference only', async () => {
      const run = await server.services.runs.start('PREPROCESS', {});
      const { dataSource } = server.database;
      const results = await transport.follow(globalId('Run', run.id), server.keys.ADMIN, async ({ data }) => {
        if (!data) return;
        await dataSource.query('alter table run rename column phase to phase_gone');
        await dataSource.query(`select pg_notify('run_progress', $1)`, [run.id]);
      });
      await dataSource.query('alter table run rename column phase_gone to phase');
      expect(results).toHaveLength(2);
      expect(results[1]?.errors?.[0]?.extensions?.code).toBe('INTERNAL');
      expect(JSON.stringify(results)).not.toContain('phase_gone');
    });

    it('ends for the server, too, when the subscriber leaves', async () => {
      const run = await server.services.runs.start('PREPROCESS', {});
      const leave = new Error('left');
      const left = transport.follow(globalId('Run', run.id), server.keys.ADMIN, () => {
        throw leave;
      });
      await expect(left).rejects.toBe(leave);
      // The watch of the run has ended: nobody reads it again after a change.
      const reads = vi.spyOn(server.services.runs, 'get');
      await change(run, { phase: 'nobody looks' });
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(reads).not.toHaveBeenCalled();
      reads.mockRestore();
    });
  });

  it('tells with each change what else has changed meanwhile', async () => {
    const { apiKey } = await server.services.apiKeys.create('who asked', 'ADMIN');
    const run = await server.services.runs.start('PREPROCESS', {}, apiKey.id);
    const client = createSseClient({ url: `${server.url}/stream`, headers: { 'X-API-Key': server.keys.ADMIN } });
    const revoked: boolean[] = [];
    const asked = 'subscription($id: ID!) { runProgress(id: $id) { requestedBy { revokedAt } } }';
    for await (const { data } of client.iterate({ query: asked, variables: { id: globalId('Run', run.id) } })) {
      const { requestedBy } = data!['runProgress'] as { requestedBy: { revokedAt: string | null } };
      if (revoked.push(requestedBy.revokedAt !== null) > 1) break;
      await server.services.apiKeys.revoke(apiKey.id);
      await change(run, { state: 'RUNNING', phase: 'cleaning', progress: 0.25 });
    }
    client.dispose();
    expect(revoked).toEqual([false, true]);
  });

  it('is refused to callers without a key', async () => {
    const id = globalId('Run', (await server.services.runs.start('PREPROCESS', {})).id);
    const [refused] = await overEventStream.follow(id, null);
    expect(refused?.errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
    await expect(overWebSocket.follow(id, null)).rejects.toMatchObject({ code: 4403 });
  });

  it('is no failure where the subscriber has left before the first of it', async () => {
    const run = await server.services.runs.start('PREPROCESS', {});
    const write = vi.spyOn(ServerResponse.prototype, 'write').mockImplementationOnce(function (
      this: ServerResponse,
      chunk: unknown,
      done: unknown,
    ) {
      this.destroy();
      return this.write(chunk, done as () => void);
    });
    await expect(overEventStream.follow(globalId('Run', run.id), server.keys.ADMIN)).rejects.toBeInstanceOf(Error);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(write).toHaveBeenCalledTimes(2);
    write.mockRestore();
    expect(server.log.filter((line) => line.includes('ERR_STREAM_DESTROYED'))).toEqual([]);
  });

  it('is no failure, least of all of the database, where the subscriber leaves while it is written', async () => {
    const leaving = vi.spyOn(ServerResponse.prototype, 'write').mockImplementationOnce(function (
      this: ServerResponse,
      _chunk: unknown,
      done: unknown,
    ) {
      const failed = Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' });
      this.socket!.destroy();
      (done as (error: Error) => void)(failed);
      return false;
    });
    const run = await server.services.runs.start('PREPROCESS', {});
    await expect(overEventStream.follow(globalId('Run', run.id), server.keys.ADMIN)).rejects.toBeInstanceOf(Error);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(leaving).toHaveBeenCalledOnce();
    leaving.mockRestore();
    expect(server.log.filter((line) => /EPIPE|already sent/.test(line))).toEqual([]);
  });

  it.each([undefined, {}, { 'X-API-Key': 'wrong' }])('is closed with a code of its own to %j', async (payload) => {
    const closed = new Promise<{ code: number; reason: string }>((resolve) => {
      const socket = new WebSocket(server.url.replace('http', 'ws'), 'graphql-transport-ws');
      socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload })));
      socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
    expect(await closed).toEqual({ code: 4403, reason: 'Forbidden' });
  });

  it('is refused by status where it comes as a stream and the key is wrong', async () => {
    const stream = await fetch(`${server.url}/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'x-api-key': 'wrong' },
      body: JSON.stringify({ query, variables: { id: 'x' } }),
    });
    expect(stream.status).toBe(401);
    expect(await stream.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  });

  it.each([
    ['text/event-stream, multipart/mixed', 200, 'text/event-stream; charset=utf-8'],
    ['*/*', 200, 'text/event-stream; charset=utf-8'],
    ['application/json', 406, 'application/json; charset=utf-8'],
  ])('comes as a stream to whoever takes one: %s', async (accept, status, type) => {
    const response = await fetch(`${server.url}/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, 'x-api-key': server.keys.ADMIN },
      body: JSON.stringify({ query: '{ me { role } }' }),
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([status, type]);
    expect(await response.text()).toContain(status === 200 ? '{"data":{"me":{"role":"ADMIN"}}}' : 'accept: text/event');
  });

  const withVariables = (json: string) => `{ "query": "{ me { role } }", ${json} }`;
  it.each<[method: string, body: string | undefined]>([
    ...['null', 'false', '""', '[]', '{}', '{ "query": 5 }', undefined].map((body): [string, string | undefined] => [
      'POST',
      body,
    ]),
    ['POST', withVariables('"variables": "x"')],
    ['POST', withVariables('"operationName": 5')],
    ['POST', withVariables('"extensions": [1]')],
    ['GET', undefined],
  ])('is refused by status where there is no operation: %s %s', async (method, body) => {
    const response = await fetch(`${server.url}/stream`, {
      method,
      headers: { ...(body && { 'content-type': 'application/json' }), 'x-api-key': server.keys.ADMIN },
      body,
      signal: AbortSignal.timeout(5_000),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });

  it('is no mutation that stands in the address', async () => {
    const mutation = encodeURIComponent('mutation { unscheduleRetrain }');
    const response = await fetch(`${server.url}/stream?query=${mutation}`, {
      headers: { 'x-api-key': server.keys.ADMIN },
    });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });

  it('is held to the same limits as a plain request', async () => {
    const socket = createWsClient({
      url: server.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { 'X-API-Key': server.keys.VIEWER },
    });
    const aliases = Array.from({ length: 31 }, (_, i) => `a${i}: me { id }`).join(' ');
    const literals = `{ customers(filter: { externalId: [${'"a" '.repeat(2_000)}] }) { totalCount } }`;
    const asked = 'query($ids: [String!]) { customers(filter: { externalId: $ids }) { totalCount } }';
    const ids = Array.from({ length: 2_001 }, () => 'a');
    const documents = [`{ ${aliases} }`, costly, '\n'.repeat(5_001), literals].map((query) => ({ query }));
    for (const document of [...documents, { query: asked, variables: { ids } }]) {
      await expect(socket.iterate(document).next()).rejects.toMatchObject([
        { extensions: { code: 'QUERY_TOO_COMPLEX' } },
      ]);
    }
    await socket.dispose();
  });

  it.each([
    ['a field that there is not', { query: 'subscription { nope }' }, 'Cannot query field'],
    ['a syntax error', { query: 'subscription {' }, 'Syntax Error'],
    ['another name', { query: 'query a { me { id } }', operationName: 'b' }, 'There is no operation "b"'],
    ['what it may cost', { query: costly }, 'The operation may cost', 'QUERY_TOO_COMPLEX'],
    ['too many lines', { query: '\n'.repeat(5_001) }, 'line breaks', 'QUERY_TOO_COMPLEX'],
    ['the same field too often', { query: `{ me { ${'id '.repeat(1_500)} } }` }, 'too many times', 'QUERY_TOO_COMPLEX'],
    ['no name', { query: 'query a { me { id } } query b { me { id } }' }, 'several operations'],
    ['an empty name', { query: '{ me { id } }', operationName: '' }, 'There is no operation ""'],
  ])(
    'tells by event stream what is wrong with a document: %s',
    async (_name, body, message, code = 'BAD_USER_INPUT') => {
      const errors = await streamedErrors(body);
      expect(errors).toMatchObject([{ extensions: { code } }]);
      expect(errors![0]!.message).toContain(message);
    },
  );

  it.each([
    'subscription { runProgress(id: "x") @include(if: false) { id } }',
    'subscription($no: Boolean = true) { ... on Subscription @skip(if: $no) { runProgress(id: "x") { id } } }',
    'subscription { ...F } fragment F on Subscription { ...F runProgress(id: "x") @skip(if: true) { id } }',
  ])('is refused where its field may be left out, which ends nothing else: %s', async (document) => {
    const socket = createWsClient({
      url: server.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { 'X-API-Key': server.keys.ADMIN },
    });
    const { id } = await server.services.runs.start('PREPROCESS', {});
    const other = socket.iterate({ query, variables: { id: globalId('Run', id) } });
    await other.next();
    const refused = [{ message: expect.stringContaining('@skip or @include'), extensions: { code: 'BAD_USER_INPUT' } }];
    await expect(socket.iterate({ query: document }).next()).rejects.toMatchObject(refused);
    expect(await streamedErrors({ query: document })).toMatchObject(refused);
    await server.services.runs.cancel(id);
    expect((await other.next()).value).toMatchObject({ data: { runProgress: { state: 'CANCELLED' } } });
    await socket.dispose();
  });

  it.each([
    ['syntax', '{\n  me {'],
    ['field', '{\n  nope }'],
    ['argument', '{\n  customers(first: 0) { totalCount } }'],
  ])('tells by event stream the line of a wrong %s', async (_what, query) => {
    expect(await streamedErrors({ query })).toMatchObject([{ locations: [{ line: 2 }] }]);
  });

  async function streamedErrors(body: object): Promise<Progress['errors']> {
    const response = await fetch(`${server.url}/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'x-api-key': server.keys.ADMIN },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    const [data] = /(?<=^data: ).+$/m.exec(await response.text())!;
    return (JSON.parse(data) as Progress).errors;
  }

  it('is no answer to a plain request, which is told where to go', async () => {
    const { errors } = await server.ask(query, { variables: { id: 'x' } });
    expect(errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT' }, message: expect.stringContaining('/graphql/stream') },
    ]);
  });

  it('has no WebSocket at any other path', async () => {
    const opened = await new Promise<boolean>((resolve) => {
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/other`, 'graphql-transport-ws');
      socket.on('open', () => {
        socket.terminate();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    expect(opened).toBe(false);
  });

  it('does not keep a closing server', async () => {
    const second = await startTestServer();
    const run = await second.services.runs.start('PREPROCESS', {});
    const client = createSseClient({
      url: `${second.url}/stream`,
      retryAttempts: 0,
      headers: { 'X-API-Key': second.keys.ADMIN },
    });
    const socket = createWsClient({
      url: second.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { 'X-API-Key': second.keys.ADMIN },
    });
    const variables = { id: globalId('Run', run.id) };
    const iterators = [client.iterate({ query, variables }), socket.iterate({ query, variables })];
    for (const iterator of iterators) expect((await iterator.next()).done).toBe(false);
    const ends = iterators.map((iterator) => iterator.next().catch(() => ({ done: true })));
    const began = Date.now();
    await second.close();
    expect(Date.now() - began).toBeLessThan(1_000);
    for (const end of await Promise.all(ends)) expect(end.done).toBe(true);
    await second[Symbol.asyncDispose]();
  });
});

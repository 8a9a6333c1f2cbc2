import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { useTestServer } from '../support/test-server.js';

describe('a body that is not read', () => {
  const server = useTestServer();

  const post = (path: string, body: string | Buffer<ArrayBuffer>, headers = {}) =>
    server.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${server.keys.ADMIN}`, ...headers },
      body,
    });

  describe.each(['/graphql', '/graphql/stream'])('at %s', (path) => {
    it.each([
      ['{"query":"{me{id}}","__proto__":{"a":1}}', /has the key "__proto__", or "constructor" with/],
      ['{"query":"{me{id}}","variables":{"constructor":{"prototype":{}}}}', /has the key "__proto__", or/],
      ['{"query":', /^The body is not JSON: .+ Send {"query": "..."/],
      ["{'query': '{me{id}}'}", /^The body is not JSON: .+ at position 1 /],
      ['', /^The body is empty\. Send {"query": "..."/],
      ['null', /^"query" is missing.+ Send {"query": "..."/],
      ['{}', /^"query" is missing/],
      ['{"query":""}', /^"query" is missing, empty/],
      ['{"query":5}', /^"query" is missing, empty or not a text/],
      ['{"query":"{me{id}}","variables":"{}"}', /"variables" or "extensions" is not a JSON object\. Send/],
      ['{"query":"{me{id}}","operationName":5}', /"operationName" is not a text/],
      ['[{"query":"{me{id}}"}]', /^The body is a list of operations\. Send each of them in a request of its own\.$/],
    ])('is told why: %s', async (body, message) => {
      const response = await post(path, body);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        errors: [{ message: expect.stringMatching(message) as string, extensions: { code: 'BAD_USER_INPUT' } }],
      });
    });

    it.each(['application/json', 'application/json; charset=iso-8859-1'])(
      'is told where it is no UTF-8, of type %s',
      async (type) => {
        const body = Buffer.from('{"query":"{me{id}} # Müller"}', 'latin1');
        const response = await post(path, body, { 'content-type': type });
        expect(response.status).toBe(400);
        const message = 'The body is not UTF-8. Send JSON in UTF-8.';
        expect(await response.json()).toMatchObject({ errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] });
      },
    );

    it('is told where it is compressed', async () => {
      const response = await post(path, gzipSync('{"query":"{me{id}}"}'), { 'content-encoding': 'gzip' });
      expect(response.status).toBe(415);
      const message = 'The body is compressed (gzip), which is not read. Send it as it is.';
      expect(await response.json()).toMatchObject({ errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] });
    });

    it.each(['', 'text/plain', 'application/x-www-form-urlencoded', 'application/graphql'])(
      'is told how to say that it is JSON where it is said to be %o',
      async (type) => {
        const response = await post(path, Buffer.from('{"query":"{me{id}}"}'), { 'content-type': type });
        expect(response.status).toBe(415);
        const message = 'The body is not said to be JSON. Send JSON, with "content-type: application/json".';
        expect(await response.json()).toEqual({ errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] });
      },
    );

    it.each([undefined, 'wrong'])('is told that without a valid key (%s) it may only be a short one', async (key) => {
      const headers = { 'content-type': 'application/json', ...(key && { 'x-api-key': key }) };
      const send = (init: RequestInit) => server.fetch(path, { method: 'POST', headers, ...init });
      // The second says no length.
      const long = [{ body: `{"query":"${' '.repeat(65_536)}"}` }, { body: new Blob(['{}']).stream(), duplex: 'half' }];
      for (const init of long) {
        const response = await send(init);
        expect(response.status).toBe(413);
        const message = 'Without a valid API key a body has 64 KiB at most, and says its length (content-length).';
        expect(await response.json()).toMatchObject({ errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] });
      }
      expect((await send({ body: `{"query":"${' '.repeat(60_000)}{ __typename }"}` })).status).not.toBe(413);
    });

    it.each(['at once', 'in pieces'])('is told how large it may be of a VIEWER, who sends it %s', async (how) => {
      const inPieces = how === 'in pieces';
      const send = (text: string, as: 'VIEWER' | 'MARKETER' = 'VIEWER') => {
        const body = inPieces ? { body: new Blob([text]).stream(), duplex: 'half' } : { body: text };
        const headers = { 'content-type': 'application/json', 'x-api-key': server.keys[as] };
        return server.fetch(path, { method: 'POST', headers, ...body });
      };
      const response = await send(`{"query":"{ me { role } }","variables":{"a":[${'[],'.repeat(400_000)}[]]}}`);
      expect(response.status).toBe(413);
      const message = 'With a key of the role VIEWER a body has 1 MiB at most. Ask for less in one request.';
      expect(await response.json()).toEqual({ errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] });
      const taken = await send(`{"query":"{ me { role } }"${' '.repeat(1_000_000)}}`);
      expect(await taken.text()).toContain('"role":"VIEWER"');
      // Who may write sends batches.
      const batch = await send(`{"query":"{ me { role } }"${' '.repeat(1_100_000)}}`, 'MARKETER');
      expect(await batch.text()).toContain('"role":"MARKETER"');
    });

    it('of a VIEWER, in pieces, does not hold up what comes next by the connection', async () => {
      const socket = connect(Number(new URL(server.url).port));
      await once(socket, 'connect');
      let answers = '';
      socket.on('data', (data) => (answers += String(data)));
      const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nX-API-Key: ${server.keys.VIEWER}\r\nContent-Type:`;
      const piece = `10000\r\n${' '.repeat(65_536)}\r\n`;
      socket.write(`${head} text/plain\r\nTransfer-Encoding: chunked\r\n\r\n${piece.repeat(14)}0\r\n\r\n`);
      const body = '{"query":"{ me { role } }"}';
      socket.write(`${head} application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      await vi.waitUntil(() => answers.includes('"role":"VIEWER"'), { timeout: 20_000 });
      expect(answers).toMatch(/^HTTP\/1.1 415 /);
      socket.destroy();
    });

    it('is told how large it may be', async () => {
      const response = await post(path, `{"query":"${' '.repeat(16 * 1024 * 1024)}"}`);
      expect(response.status).toBe(413);
      const message = 'The body is larger than 16 MiB. Send what is in it in several requests.';
      expect(await response.json()).toEqual({ errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] });
    });
  });

  it.each(['/graphql', '/graphql/stream', '/graphql/stream?token=1'])(
    'of another method than GET and POST is told so at %s',
    async (path) => {
      const response = await server.fetch(path, { method: 'PUT' });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST']);
      const message = 'PUT is not answered here. Send GET or POST.';
      expect(await response.json()).toEqual({ errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] });
    },
  );

  it.each(['/graphql', '/graphql/stream'])('is asked for where a mutation comes by GET at %s', async (path) => {
    const query = encodeURIComponent('mutation { unscheduleRetrain }');
    const headers = { authorization: `Bearer ${server.keys.ADMIN}` };
    const response = await server.fetch(`${path}?query=${query}`, { headers });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await response.json()).toMatchObject({
      errors: [{ message: expect.stringContaining('Send POST.'), extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });

  it('is none that has a key of another name', async () => {
    const body = '{"query":"{ me { role } }","variables":{"constructor":1}}';
    expect(await (await post('/graphql', body)).json()).toEqual({ data: { me: { role: 'ADMIN' } } });
  });
});

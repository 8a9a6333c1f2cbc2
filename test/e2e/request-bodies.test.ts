import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './support/test-server.js';

describe('a body that is not read', () => {
  let server: TestServer;
  beforeAll(async () => void (server = await startTestServer()));
  afterAll(() => server[Symbol.asyncDispose]());

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
      ['{"query":', /^Body is not valid JSON/],
    ])('is told why: %s', async (body, message) => {
      const response = await post(path, body);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        errors: [{ message: expect.stringMatching(message) as string, extensions: { code: 'BAD_USER_INPUT' } }],
      });
    });

    it('is told where it is compressed', async () => {
      const response = await post(path, gzipSync('{"query":"{me{id}}"}'), { 'content-encoding': 'gzip' });
      expect(response.status).toBe(415);
      const message = 'The body is compressed (gzip), which is not read. Send it as it is.';
      expect(await response.json()).toMatchObject({ errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] });
    });
  });

  it('is none that has a key of another name', async () => {
    const body = '{"query":"{ me { role } }","variables":{"constructor":1}}';
    expect(await (await post('/graphql', body)).json()).toEqual({ data: { me: { role: 'ADMIN' } } });
  });
});

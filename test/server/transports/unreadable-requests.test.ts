import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { createErrorFormatter } from '../../../src/server/errors.js';
import { createLogger } from '../../../src/server/logger.js';
import { refuseUnreadable } from '../../../src/server/transports/unreadable-requests.js';

describe('refuseUnreadable', () => {
  it.each([
    ['its headers', 'POST / HTTP/1.1\r\nhost: x\r\n'],
    ['its body', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{'],
  ])('answers a request that is late with %s', async (_what, sent) => {
    const [head, body] = await answerTo(sent);
    expect(head).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(JSON.parse(body!)).toEqual({
      errors: [
        {
          message: 'The request took too long to arrive. Send it again.',
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    });
  });

  it.each([
    [['*'], '*'],
    [['https://app.example', '*'], '*'],
    [['https://app.example'], 'https://app.example'],
    [['https://app.example', 'https://crm.example'], undefined],
    [[], undefined],
  ])('lets pages of %j read its answers where it can name them', async (origins, allowed) => {
    const [head] = await answerTo('damaged\r\n\r\n', origins);
    expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(/^Access-Control-Allow-Origin: (.*)$/m.exec(head!)?.[1]).toBe(allowed);
  });
});

/** Head and body of what a server that waits a fifth of a second for requests answers to what is sent. */
async function answerTo(sent: string, corsOrigins: readonly string[] = []): Promise<string[]> {
  const formatError = createErrorFormatter(createLogger({ logLevel: 'silent' }));
  const app = fastify({
    requestTimeout: 200,
    http: { headersTimeout: 200, connectionsCheckingInterval: 50 },
    clientErrorHandler: refuseUnreadable(formatError, corsOrigins),
  });
  app.post('/', () => 'whole');
  const { hostname, port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  try {
    const socket = connect(Number(port), hostname, () => socket.write(sent));
    return (await text(socket)).split('\r\n\r\n');
  } finally {
    await app.close();
  }
}

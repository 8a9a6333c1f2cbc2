import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config.js';
import { startServer } from '../../../src/server/start-server.js';
import { silent } from '../../support/jobs.js';
import { startTestServer, useTestServer } from '../support/test-server.js';

describe('the server', () => {
  const server = useTestServer({ corsOrigins: ['https://crm.example', 'https://app.example'] });

  it('is live and ready', async () => {
    for (const probe of ['/healthz', '/readyz']) {
      const response = await server.fetch(probe);
      expect([probe, response.status, await response.json()]).toEqual([probe, 200, { status: 'ok' }]);
    }
  });

  it('tells a caller who it is, by either header', async () => {
    expect(await server.ask('{ me { name role } }', { as: 'VIEWER' })).toEqual({
      data: { me: { name: 'test VIEWER', role: 'VIEWER' } },
    });
    const response = await server.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': server.keys.MARKETER },
      body: JSON.stringify({ query: '{ me { role } }' }),
    });
    expect(await response.json()).toEqual({ data: { me: { role: 'MARKETER' } } });
  });

  it('answers a wrong key with 401 and a code', async () => {
    const response = await server.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer clv_admin_wrong' },
      body: JSON.stringify({ query: '{ __typename }' }),
    });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({
      errors: [{ message: 'The API key is unknown or was revoked.', extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  it('refuses a form post, which a browser sends across sites without asking', async () => {
    const response = await server.fetch('/graphql?query={__typename}', {
      headers: { 'content-type': 'text/plain' },
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });

  it('keeps no queries to be asked by their hash', async () => {
    const response = await server.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': server.keys.VIEWER },
      body: JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } }),
    });
    expect(await response.json()).toMatchObject({ errors: [{ message: 'PersistedQueryNotSupported' }] });
  });

  it('answers any other path with a code, and sends security headers', async () => {
    const response = await server.fetch('/nothing?email=a@b.c');
    expect(response.status).toBe(404);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    // It would hold for all hosts below its own, for a year.
    expect(response.headers.has('strict-transport-security')).toBe(false);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
    const unreadable = await server.fetch('/%');
    expect(unreadable.status).toBe(400);
    expect(await unreadable.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });

  it('answers a browser of an allowed origin only', async () => {
    const allowed = async (origin: string) =>
      (await server.fetch('/healthz', { headers: { origin } })).headers.get('access-control-allow-origin');
    expect(await allowed('https://crm.example')).toBe('https://crm.example');
    expect(await allowed('https://evil.example')).toBeNull();
  });

  it('is not asked by a browser before each request whether it may', async () => {
    const headers = { origin: 'https://crm.example', 'access-control-request-method': 'POST' };
    const preflight = await server.fetch('/graphql', { method: 'OPTIONS', headers });
    expect([preflight.status, preflight.headers.get('access-control-max-age')]).toEqual([204, '7200']);
  });

  it('says what to do where its address is taken', async () => {
    const { database, services } = server;
    const port = Number(new URL(server.url).port);
    const config = { ...loadConfig({}, '/nonexistent').config, port };
    await expect(
      startServer({ config, dataSource: database.dataSource, services, logger: silent }),
    ).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('PORT'),
    });
  });

  it('logs requests without addresses, query strings or keys', async () => {
    await server.ask('{ me { role } }');
    for (const path of ['/unsubscribe/a@b.c', '/a@b.c%', '/graphql?email=a@b.c']) await server.fetch(path);
    const log = server.log.join('');
    expect(log).toContain('"path":"/graphql"');
    expect(log).toContain('"path":"(unknown)"');
    expect(log).not.toContain('a@b.c');
    expect(log).not.toContain('clv_admin');
    expect(log).not.toContain('remoteAddress');
    // Probes come by the second.
    expect(log).not.toContain('/healthz');
  });
});

describe('a server without its database', () => {
  it('lives, but is not ready, and tells callers nothing about it', async () => {
    await using server = await startTestServer();
    await server.database.dataSource.destroy();
    expect((await server.fetch('/healthz')).status).toBe(200);
    const ready = await server.fetch('/readyz');
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'unavailable', reason: 'the database does not answer' },
    ]);
    const answer = await server.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'clv_admin_unseen' },
      body: JSON.stringify({ query: '{ me { id } }' }),
    });
    expect(answer.status).toBe(500);
    const body = (await answer.json()) as { errors: [{ message: string; extensions: { reference: string } }] };
    const { reference } = body.errors[0].extensions;
    expect(body).toEqual({
      errors: [
        {
          message: `Internal error. Its reference in the server's log: ${reference}`,
          extensions: { code: 'INTERNAL', reference },
        },
      ],
    });
    expect(server.log.join('')).toContain(reference);
  });
});

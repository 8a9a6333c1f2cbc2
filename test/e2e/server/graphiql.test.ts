import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { useTestServer } from '../support/test-server.js';

describe('GraphiQL', () => {
  const server = useTestServer();

  /** As it comes over the wire; `fetch` would decompress it. */
  const raw = (path: string, headers: Record<string, string>) =>
    new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
      const url = new URL(path, server.url);
      request(url, { headers: { accept: 'text/html,*/*;q=0.8', ...headers } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      })
        .on('error', reject)
        .end();
    });

  it('is at the address of the API, with a query in it or not, and loads nothing from elsewhere', async () => {
    const page = await server.fetch('/graphql', { headers: { accept: 'text/html' } });
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const html = await page.text();
    expect(html).toContain('<title>clvgraph</title>');
    expect(html).toContain('X-API-Key');
    expect(html).not.toMatch(/<(script|link|img|iframe)[^>]+(src|href)=["']?(https?:)?\/\//i);
    expect(html).not.toMatch(/@import|url\(["']?https?:/i);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'sha256-/);
    expect(policy).not.toMatch(/https?:/);
    expect((await raw('/graphql?query=%7Bme%7Bid%7D%7D', {})).headers['content-type']).toContain('text/html');
  });

  it('asks for subscriptions beside itself, also behind a prefix of a proxy', async () => {
    const html = (await raw('/graphql', {})).body.toString();
    const endpoint = /"subscriptionsEndpoint":"([^"]*)"/.exec(html)![1]!;
    const asked = (page: string) => new URL(endpoint, page).pathname;
    expect(asked('http://localhost:4000/graphql')).toBe('/graphql/stream');
    expect(asked('https://shop.example/clv/graphql?query={me{id}}')).toBe('/clv/graphql/stream');
  });

  it('is compressed, and not sent again while it is the same', async () => {
    const plain = await raw('/graphql', {});
    const zipped = await raw('/graphql', { 'accept-encoding': 'gzip, deflate' });
    const brotli = await raw('/graphql', { 'accept-encoding': 'gzip, deflate, br' });
    expect(gunzipSync(zipped.body).equals(plain.body)).toBe(true);
    expect(brotliDecompressSync(brotli.body).equals(plain.body)).toBe(true);
    expect(brotli.body.length).toBeLessThan(2_500_000);
    const again = await raw('/graphql', { 'accept-encoding': 'br', 'if-none-match': String(brotli.headers['etag']) });
    expect([again.status, again.body.length]).toEqual([304, 0]);
    // Nor do caches on the way give one client what only another one can read.
    const other = { 'accept-encoding': 'gzip', 'if-none-match': String(brotli.headers['etag']) };
    expect((await raw('/graphql', other)).status).toBe(200);
    expect(brotli.headers['vary']).toBe('accept, accept-encoding');
  });

  it('does not stand in the way of queries by GET', async () => {
    const response = await server.fetch('/graphql?query={__typename}', {
      headers: { accept: 'application/json', 'apollo-require-preflight': 'true' },
    });
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });

  it('does not stand in the way of a client that takes pages, too, as Java’s does where it is told nothing', async () => {
    const response = await server.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2' },
      body: '{"query":"{ __typename }"}',
    });
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });
});

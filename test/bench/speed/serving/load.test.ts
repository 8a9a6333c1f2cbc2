import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { load } from '../../../../bench/speed/serving/load.js';

/** A second of load on a server that always answers this, or not at all. */
async function loadOn(answer: string | null) {
  const server = createServer((request, response) => {
    if (answer === null) return;
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const url = `http://127.0.0.1:${port}/graphql`;
    return await load({ pid: process.pid, url, key: 'key', bodies: ['{}'], seconds: 1, connections: 1, rate: 20 });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('load on a server', () => {
  it('fails where GraphQL answers with errors, whatever the status', async () => {
    const { requests, failures } = await loadOn('{"data":null,"errors":[{"message":"no"}]}');
    expect(requests).toBeGreaterThan(0);
    expect(failures).toBeGreaterThanOrEqual(requests);
  });

  it('does not fail where there is an answer', async () => {
    expect(await loadOn('{"data":{"customers":{"edges":[]}}}')).toMatchObject({ failures: 0 });
  });

  it('gives no figure where there is no answer', async () => {
    await expect(loadOn(null)).rejects.toThrow(/answered no request within 1 s/);
  });
});

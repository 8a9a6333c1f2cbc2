import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { poolOf } from '../../../src/database/pool.js';
import { untilLocked } from '../../support/waiting.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const upsert = `mutation($customers: [CustomerInput!]!) { upsertCustomers(customers: $customers) { updated } }`;
const erase = 'mutation { eraseCustomers(externalIds: ["c1"]) { erased } }';
const to = (country: string) => ({ customers: [{ externalId: 'c1', country }] });

describe('while the load of a large file writes the same customers', () => {
  let server: TestServer | undefined;
  afterEach(() => server?.[Symbol.asyncDispose]());

  it('batches are refused after ten seconds, and everybody else is answered', async () => {
    server = await startTestServer({ databasePoolSize: 8 });
    const { dataSource } = server.database;
    const { max } = poolOf(dataSource).options;
    await server.ask(upsert, { variables: to('Chile') });
    const load = dataSource.createQueryRunner();
    await load.startTransaction();
    await load.query('select id from customer for update');
    const erasure = server.ask<{ eraseCustomers: { erased: number } }>(erase);
    // Else it may come after the batches, and its ten seconds begin when one of them is refused.
    await untilLocked(dataSource);
    const batches = Array.from({ length: max }, () => server!.ask(upsert, { variables: to('Peru') }));
    const began = performance.now();
    expect((await server.ask('{ customers(first: 1) { edges { node { externalId } } } }')).errors).toBeUndefined();
    expect((await server.fetch('/readyz')).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(8_000);
    const { errors } = await Promise.race(batches);
    const erased = await Promise.race([erasure, setTimeout(8_000, 'it still waits')]);
    expect(errors).toMatchObject([{ extensions: { code: 'CONFLICT' } }]);
    expect(errors![0]!.message).toContain('by the load of a file');
    await load.rollbackTransaction();
    await load.release();
    expect(erased).toMatchObject({ errors: [{ extensions: { code: 'CONFLICT' } }] });
    // Those whose turn had not come; requests arrive in any order.
    expect((await Promise.all(batches)).some((batch) => batch.errors === undefined)).toBe(true);
  });

  it('a probe is told within seconds that no connection is left', async () => {
    server = await startTestServer();
    const { dataSource } = server.database;
    const { max } = poolOf(dataSource).options;
    const busy = Array.from({ length: max }, () => dataSource.query('select pg_sleep(8)'));
    const began = performance.now();
    expect((await server.fetch('/readyz')).status).toBe(503);
    expect(performance.now() - began).toBeLessThan(7_000);
    await Promise.all(busy);
  });
});

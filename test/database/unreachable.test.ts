import dns from 'node:dns';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { checkDatabase } from '../../src/cli/doctor/database-check.js';
import { loadConfig } from '../../src/config.js';
import { openDatabase } from '../../src/database/open-database.js';
import { whyUnreachable } from '../../src/database/unreachable.js';
import { testConfig } from '../support/config.js';

type Answer = (error: null, addresses: dns.LookupAddress[]) => void;

describe('a DATABASE_URL by which no connection comes about', () => {
  const said = async (url: string): Promise<string[]> => {
    const start: unknown = await openDatabase(loadConfig({ DATABASE_URL: url }, 'no-such-file').config).catch(
      (error: unknown) => error,
    );
    const { found, remedy } = await checkDatabase({ ...testConfig(), databaseUrl: url });
    return [String(start), `${found}. ${remedy}`];
  };

  it.each(['postgres://user:p%word@localhost/clv', 'postgres://user:pw@one:1,two:2/clv'])(
    'is told how to be written: %s',
    async (url) => {
      const [start] = await said(url);
      expect(start).toMatch(/URI malformed|Invalid URL/);
      expect(start).toContain('%40 for @');
    },
  );

  const closedPort = async (): Promise<number> => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return port;
  };

  it('is told to name a server that runs', async () => {
    for (const text of await said(`postgres://u:p@127.0.0.1:${await closedPort()}/clv`)) {
      expect(text).toMatch(/ECONNREFUSED.*names a running server/);
    }
  });

  it('is told so of a name with several addresses, as localhost may be', async () => {
    const addresses = [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ];
    const lookup = vi
      .spyOn(dns, 'lookup')
      .mockImplementation(((_name: string, _options: object, answer: Answer) =>
        answer(null, addresses)) as typeof dns.lookup);
    onTestFinished(() => lookup.mockRestore());
    for (const text of await said(`postgres://u:p@localhost:${await closedPort()}/clv`)) {
      expect(text).toMatch(/: connect E\w+ ::1.*, connect ECONNREFUSED 127.0.0.1.*names a running server/);
    }
  });

  it('is told so where whatever takes the connection says nothing', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const settings = { DATABASE_URL: `postgres://u:p@127.0.0.1:${port}/clv` };
    const failure = openDatabase(loadConfig(settings, 'no-such-file').config).catch((error: unknown) => error);
    await once(server, 'connection');
    vi.advanceTimersByTime(30_000);
    vi.useRealTimers();
    expect(String(await failure)).toMatch(/does not answer.*names a running server/);
    server.close();
  });

  it.each([
    ['self-signed certificate', 'sslmode=no-verify'],
    ['no pg_hba.conf entry for host "10.0.0.1", user "clv", database "clv", no encryption', 'sslmode=verify-full'],
    ['sorry, too many clients already', 'max_connections'],
    ['could not write init file: No space left on device', 'make room'],
  ])('is told what to set: %s', (reason, remedy) => {
    expect(whyUnreachable(new Error(reason), 'postgres://u:p@db/clv').remedy).toContain(remedy);
  });
});

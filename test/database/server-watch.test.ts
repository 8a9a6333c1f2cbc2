import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDataSource } from '../../src/database/data-source.js';
import { isConnectionLost } from '../../src/database/lost-connection.js';
import { poolOf } from '../../src/database/pool.js';
import { watchServer } from '../../src/database/server-watch.js';
import { useTestDatabase } from '../support/database.js';
import { type Proxy, startProxy } from '../support/proxy.js';

const times = { askEvery: 100, patience: 1_000 };

describe('a watched server', () => {
  const database = useTestDatabase();
  let proxy: Proxy;
  let dataSource: DataSource;
  let watch: AsyncDisposable;
  beforeEach(async () => {
    proxy = await startProxy(database.dataSource);
    dataSource = await createDataSource({ url: proxy.url, poolSize: 4 }).initialize();
    watch = await watchServer(dataSource, times);
  });
  afterEach(async () => {
    await watch[Symbol.asyncDispose]();
    if (dataSource.isInitialized) await dataSource.destroy();
    await proxy[Symbol.asyncDispose]();
  });
  const failure = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

  it('that takes its time is waited for', async () => {
    await expect(dataSource.query('select pg_sleep(3), 1 as done')).resolves.toMatchObject([{ done: 1 }]);
  });

  it('that has vanished is not, be it for an answer or for rows to be taken', async () => {
    const client = await poolOf(dataSource).connect();
    client.on('error', () => undefined);
    await client.query('create temporary table staged (text text)');
    const copying = failure(
      pipeline(Readable.from(endless(`${'x'.repeat(65_535)}\n`)), client.query(copyFrom('copy staged from stdin'))),
    );
    const answer = failure(dataSource.query('select pg_sleep(60)'));
    await sleep(300);
    proxy.vanish();
    expect(isConnectionLost(await copying)).toBe(true);
    expect(isConnectionLost(await answer)).toBe(true);
    client.release(true);
  });

  it('that is back serves anew', async () => {
    const answer = failure(dataSource.query('select pg_sleep(60)'));
    proxy.vanish();
    await answer;
    proxy.comeBack();
    await expect(dataSource.query('select 1 as done')).resolves.toEqual([{ done: 1 }]);
  });

  it('that has vanished keeps nobody from ending', async () => {
    await dataSource.query('select 1');
    proxy.vanish();
    await sleep(times.askEvery + times.patience + 200);
    await dataSource.destroy();
    expect(dataSource.isInitialized).toBe(false);
  });
});

function* endless(text: string): Generator<string> {
  for (;;) yield text;
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDatabase } from '../../src/cli/doctor/database-check.js';
import { loadConfig } from '../../src/config.js';
import { createDataSource } from '../../src/database/data-source.js';
import { databaseFailure } from '../../src/database/database-failure.js';
import { openDatabase } from '../../src/database/open-database.js';
import { IngestionSession } from '../../src/services/ingestion/ingestion-session.js';
import { inAbortableTransaction } from '../../src/database/abortable-transaction.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startPooler } from '../support/pooler.js';
import { testConfig } from '../support/config.js';

describe('a pooler before Postgres', () => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await createTestDatabase()));
  afterAll(() => database[Symbol.asyncDispose]());

  const opened = (url: string) => openDatabase(loadConfig({ DATABASE_URL: url }, 'no-such-file').config);

  it('is refused where it gives sessions away after each transaction', async () => {
    await using pooler = await startPooler(database.url, 'transaction');
    await expect(opened(pooler.url)).rejects.toMatchObject({
      code: 'DATABASE_UNSUPPORTED',
      message: expect.stringMatching(/transaction or statement mode.*pool_mode = session/s) as string,
    });
    expect(await checkDatabase({ ...testConfig(), databaseUrl: pooler.url })).toMatchObject({
      blocks: true,
      found: expect.stringContaining('transaction or statement mode') as string,
    });
  });

  it('is none of our business in session mode', async () => {
    await using pooler = await startPooler(database.url, 'session');
    const { close } = await opened(pooler.url);
    await close();
    expect(await checkDatabase({ ...testConfig(), databaseUrl: pooler.url })).toMatchObject({ status: 'OK' });
  });

  it.each(['an ingestion', 'a preprocessing'])('lets a cancel through to the statement of %s', async (job) => {
    await using pooler = await startPooler(database.url, 'session');
    const dataSource = await createDataSource({ url: pooler.url, poolSize: 2 }).initialize();
    const abort = new AbortController();
    const { signal } = abort;
    const begun = Date.now();
    const running =
      job === 'an ingestion'
        ? IngestionSession.use(dataSource, signal, (session) => session.query('select pg_sleep(20)'))
        : inAbortableTransaction(dataSource, signal, (runner) => runner.query('select pg_sleep(20)'));
    setTimeout(() => abort.abort(), 300);
    await expect(running).rejects.toThrow(/cancelled|aborted/);
    expect(Date.now() - begun).toBeLessThan(10_000);
    await dataSource.destroy();
  });

  it('is named where it has no connection left', () => {
    const error = Object.assign(new Error('query_wait_timeout'), { code: '08P01' });
    expect(databaseFailure(error)).toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: expect.stringContaining('default_pool_size') as string,
    });
  });
});

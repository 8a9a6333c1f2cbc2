import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { databaseFailure } from '../../src/database/database-failure.js';
import { connected } from '../../src/database/open-database.js';
import { poolOf } from '../../src/database/pool.js';
import { useTestDatabase } from '../support/database.js';

describe('a pool whose database was read-only for a while', () => {
  const database = useTestDatabase();
  let name: string;
  let dataSource: DataSource;
  beforeAll(async () => {
    [{ name }] = await database.dataSource.query<[{ name: string }]>('select current_database() as name');
    // Of one connection, so that each statement has the session of the one before, unless that has ended.
    dataSource = await connected({ url: database.url, poolSize: 1 }, 10_000);
  });
  afterAll(() => dataSource.destroy());

  const write = 'truncate customer cascade';

  it.each([
    ['alone', () => dataSource.query(write)],
    ['beside TypeORM', () => poolOf(dataSource).query(write)],
    ['in a transaction', () => dataSource.transaction((manager) => manager.query(write))],
  ])('writes again after a write that was refused %s', async (_, refused) => {
    await database.dataSource.query(`alter database ${name} set default_transaction_read_only = on`);
    // The session of the test before began while writes were taken.
    await dataSource.query('set default_transaction_read_only = on');
    for (let i = 0; i < 2; i++) {
      const failure = await refused().catch(databaseFailure);
      expect(failure).toMatchObject({ message: expect.stringMatching(/^Postgres takes no writes now/) as string });
    }
    // A session that was not refused anything stays.
    await dataSource.query('select 1');
    await database.dataSource.query(`alter database ${name} reset default_transaction_read_only`);
    await expect(refused()).rejects.toMatchObject({ code: '25006' });
    await refused();
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/database/data-source.js';
import { Notifications } from '../../src/database/notifications.js';
import { createClient } from '../../src/database/pool.js';
import { Lease } from '../../src/jobs/lease.js';
import { compileFilter } from '../../src/services/customers/filters/compiled-filter.js';
import { SqlParameters } from '../../src/services/sql-parameters.js';
import { createTestDatabase, useTestDatabase } from '../support/database.js';

describe('a role or a database with limits for interactive use', () => {
  const limits = { statement_timeout: '100ms', lock_timeout: '90ms', idle_session_timeout: '80ms' };

  it('holds up neither long statements, nor sessions that wait, and is written to as ever', async () => {
    await using database = await createTestDatabase();
    const [{ name }] = await database.dataSource.query<[{ name: string }]>('select current_database() as name');
    for (const [setting, value] of Object.entries(limits)) {
      await database.dataSource.query(`alter database "${name}" set ${setting} = '${value}'`);
    }
    await database.dataSource.query(`alter database "${name}" set default_transaction_isolation = 'serializable'`);
    const dataSource = await createDataSource({ url: database.url, poolSize: 1 }).initialize();
    const notifications = new Notifications(dataSource);
    const lease = await Lease.open(dataSource);
    let missed = 0;
    await notifications.subscribe('limits', { onNotification: () => undefined, onReconnect: () => missed++ });
    await dataSource.query('select pg_sleep(0.5)');
    const [level] = await dataSource.query(`select current_setting('transaction_isolation') as level`);
    expect(level).toEqual({ level: 'read committed' });
    await lease.release('a job');
    // It would connect anew after half a second.
    await sleep(1_000);
    expect(missed).toBe(0);
    await lease.close();
    await notifications.close();
    await dataSource.destroy();
  });
});

describe('a database with a time zone and a style of dates of its own', () => {
  const database = useTestDatabase();
  let dataSource: DataSource;
  beforeAll(async () => {
    const [{ name }] = await database.dataSource.query<[{ name: string }]>('select current_database() as name');
    await database.dataSource.query(`alter database "${name}" set timezone = 'Europe/Berlin'`);
    await database.dataSource.query(`alter database "${name}" set datestyle = 'German, DMY'`);
    dataSource = await createDataSource({ url: database.url, poolSize: 1 }).initialize();
  });
  afterAll(() => dataSource.destroy());

  it('is that of this test: a session of its own settings has them', async () => {
    const client = createClient(dataSource, 10_000);
    await client.connect();
    const { rows } = await client.query(`select current_setting('timezone') as zone, '2026-03-30'::date::text as day`);
    await client.end();
    expect(rows).toEqual([{ zone: 'Europe/Berlin', day: '30.03.2026' }]);
  });

  it('gives dates that can be read', async () => {
    const [row] = await dataSource.query<[{ at: Date; day: string }]>(
      `select '2026-03-30T12:00Z'::timestamptz as at, '2026-03-30'::date::text as day`,
    );
    expect(row).toEqual({ at: new Date('2026-03-30T12:00:00Z'), day: '2026-03-30' });
  });

  it('has days of 24 hours where its clocks change', async () => {
    await dataSource.query(`insert into customer (external_id) values ('c1')`);
    await dataSource.query(`select ensure_behavior_event_partitions('2026-03-01T00:00Z', '2026-03-31T00:00Z')`);
    await dataSource.query(
      `insert into behavior_event (occurred_at, external_id, customer_id, type)
       select t::timestamptz, t, 1, 'CART' from unnest(array['2026-03-22T23:59Z', '2026-03-23T00:00Z']) t`,
    );
    const parameters = new SqlParameters();
    const scope = { asOf: new Date('2026-03-30T00:00:00Z'), isModelActive: false, scored: null };
    const filter = { eventCounts: [{ type: 'CART', lastDays: 7, min: 1, max: 1 }] } as const;
    const { condition } = compileFilter(filter, scope, parameters);
    const found = await dataSource.query(`select external_id from customer c where ${condition}`, parameters.values);
    expect(found).toEqual([{ external_id: 'c1' }]);
  });
});

describe('a database that reads texts and shows numbers as very old versions of Postgres did', () => {
  const database = useTestDatabase();

  it('keeps nulls, backslashes and digits', async () => {
    const [{ name }] = await database.dataSource.query<[{ name: string }]>('select current_database() as name');
    for (const setting of ['array_nulls = off', 'standard_conforming_strings = off', 'extra_float_digits = 0']) {
      await database.dataSource.query(`alter database "${name}" set ${setting}`);
    }
    const dataSource = await createDataSource({ url: database.url, poolSize: 1 }).initialize();
    const rows = await dataSource.query(
      `select item, '\\y' as word, 0.1::float8 + 0.2 as sum from unnest($1::text[]) item`,
      [[null]],
    );
    await dataSource.destroy();
    expect(rows).toEqual([{ item: null, word: '\\y', sum: 0.1 + 0.2 }]);
  });
});

import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { setUpDemoOnce, setUpLease, wantsDemo } from '../../src/cli/first-model.js';
import { loadConfig } from '../../src/config.js';
import { Lease } from '../../src/jobs/lease.js';
import type { Services } from '../../src/services/create-services.js';
import { ModelsService } from '../../src/services/models/models.service.js';
import { useTestDatabase } from '../support/database.js';
import { createTestJobs } from '../support/jobs.js';

describe('the demo shop at the first start', () => {
  const database = useTestDatabase();
  const { config } = loadConfig({}, '/nonexistent/.env');
  const wanted = () => wantsDemo(database.dataSource, config);

  it('is wanted in an empty database, unless its size is 0', async () => {
    expect(await wanted()).toBe(true);
    expect(await wantsDemo(database.dataSource, { ...config, demoCustomers: 0 })).toBe(false);
  });

  it('is still wanted where an earlier start got no further than loading it', async () => {
    await database.dataSource.query(`insert into customer (source, external_id) values ('demo', 'demo-c-1')`);
    expect(await wanted()).toBe(true);
  });

  it.each([
    ['a product', `insert into product (source, external_id) values ('shop', 'p')`, 'product'],
    [
      'an anonymous order',
      `insert into customer_order (source, external_id, placed_at, currency, total) values ('shop', 'o', now(), 'USD', 1)`,
      'customer_order',
    ],
    ['a customer', `insert into customer (source, external_id) values ('shop', 'c')`, 'customer'],
  ])('is not wanted beside %s of another source', async (_what, insert, table) => {
    await database.dataSource.query(insert);
    expect(await wanted()).toBe(false);
    await database.dataSource.query(`delete from ${table} where source = 'shop'`);
  });

  it('is set up by one of two starts: the other waits, and looks again', async () => {
    const { dataSource } = database;
    await dataSource.query('truncate customer cascade');
    const { signal } = new AbortController();
    const other = await Lease.open(dataSource);
    await other.acquire(setUpLease, signal);
    let isDone = false;
    const phases: string[] = [];
    const progress = { report: (phase: string) => void phases.push(phase) };
    const waiting = setUpDemoOnce(dataSource, config, {} as Services, { progress, signal }).then(() => (isDone = true));
    await setTimeout(200);
    expect(isDone).toBe(false);
    // What the other start has made of the database in the meantime.
    await dataSource.query(
      `insert into model_version (base, strategy, objective, state) values ('built-in', 'FULL', 'ZILN', 'ACTIVE')`,
    );
    await other.close();
    await waiting;
    expect(phases).toEqual(['waiting for other starts, if any']);
    expect(await dataSource.query('select from customer')).toEqual([]);
  });

  it('is waited for until the start is stopped', async () => {
    const { dataSource } = database;
    const stop = new AbortController();
    const other = await Lease.open(dataSource);
    await other.acquire(setUpLease, stop.signal);
    const progress = { report: () => undefined };
    const waiting = setUpDemoOnce(dataSource, config, {} as Services, { progress, signal: stop.signal });
    void setTimeout(100).then(() => stop.abort());
    await waiting;
    expect(await dataSource.query('select from customer')).toEqual([]);
    await other.close();
  });

  it('is not begun by a start that was stopped before', async () => {
    const { dataSource } = database;
    await dataSource.query('truncate customer, model_version cascade');
    expect(await wanted()).toBe(true);
    const progress = { report: () => expect.unreachable() };
    await setUpDemoOnce(dataSource, config, {} as Services, { progress, signal: AbortSignal.abort() });
    expect(await wanted()).toBe(true);
  });
});

describe('a start that was killed between the promotion of the first model and its scoring', () => {
  it('leaves the scoring to the next one, which does nothing else', async () => {
    await using jobs = await createTestJobs();
    const { dataSource } = jobs.database;
    const config = { ...jobs.config, demoCustomers: 1 };
    await dataSource.query(`insert into customer (source, external_id) values ('demo', 'demo-c-1')`);
    await dataSource.query(
      `insert into model_version (base, strategy, objective, state) values ('built-in', 'FULL', 'ZILN', 'ACTIVE')`,
    );
    expect(await wantsDemo(dataSource, config)).toBe(true);
    const services = { runs: jobs.runs, models: new ModelsService(dataSource) } as Services;
    // As soon as it waits for the scoring, that is cancelled.
    const cancel = async (phase: string) => {
      if (phase !== 'waiting for a worker') return;
      const [run] = (await jobs.runs.page({ first: 1 })).edges;
      if (run?.node.state === 'PENDING') await jobs.runs.cancel(run.node.id);
    };
    const hooks = { progress: { report: cancel }, signal: new AbortController().signal };
    await expect(setUpDemoOnce(dataSource, config, services, hooks)).rejects.toThrow(
      'The first SCORE run is CANCELLED',
    );
    expect(await dataSource.query('select kind from run')).toEqual([{ kind: 'SCORE' }]);
    expect(await dataSource.query('select external_id from customer')).toHaveLength(1);
    expect(await wantsDemo(dataSource, config)).toBe(false);
  });
});

import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { type DemoReport, generateDemoShop } from '../../../src/services/demo/demo-shop.service.js';
import { simulateShop } from '../../support/simulated-shop.js';
import { createTestDatabase, useTestDatabase } from '../../support/database.js';

const until = new Date('2026-01-01T00:00:00Z');
const options = { customers: 300, seed: 1, until, currency: 'EUR' };

async function one<Row>(dataSource: DataSource, sql: string): Promise<Row> {
  return (await dataSource.query<Row[]>(sql))[0] as Row;
}

/** Everything of the demo shop but the database's own ids and clocks. */
async function contentHash(dataSource: DataSource): Promise<string> {
  const tables = [
    'select c.external_id, country, c.attributes, name, email from customer c join customer_personal_data p on p.customer_id = c.id',
    'select external_id, name, description, category, price, merchandise from product',
    `select o.external_id, placed_at, currency, total, item_count, line_number, p.external_id, quantity, unit_price
     from customer_order o join order_line l on l.order_id = o.id join product p on p.id = l.product_id`,
    `select e.external_id, occurred_at, c.external_id, type, p.external_id, text, e.attributes
     from behavior_event e join customer c on c.id = e.customer_id left join product p on p.id = e.product_id`,
    'select c.external_id, day, net, gross, returned, items, products, orders from purchase_day d join customer c on c.id = d.customer_id',
  ];
  const hashes = tables.map((sql) => `(select md5(string_agg(t::text, ';' order by t::text)) from (${sql}) t)`);
  return (await one<{ hash: string }>(dataSource, `select md5(concat(${hashes.join(', ')})) as hash`)).hash;
}

describe('a demo shop in Postgres', () => {
  const database = useTestDatabase();
  let dataSource: DataSource;
  let report: DemoReport;
  let hash: string;
  let schema: unknown[];
  const foreignKeys = () =>
    dataSource.query<unknown[]>(
      `select conrelid::regclass::text as table, conname, pg_get_constraintdef(oid) as definition, convalidated
       from pg_constraint where contype = 'f' order by 1, 2`,
    );
  beforeAll(async () => {
    dataSource = database.dataSource;
    await dataSource.query(`insert into customer (source, external_id) values ('shopify', 'real')`);
    schema = await foreignKeys();
    report = await generateDemoShop(dataSource, options);
    hash = await contentHash(dataSource);
  });

  it('holds what the report says, and what the simulation made', async () => {
    const counts = await one(
      dataSource,
      `select (select count(*)::int from customer where source = 'demo') as customers,
        (select count(*)::int from product where source = 'demo') as products,
        (select count(*)::int from customer_order where source = 'demo' and total > 0) as orders,
        (select count(*)::int from customer_order where source = 'demo' and total < 0) as returns,
        (select count(*)::int from order_line) as "orderLines",
        (select jsonb_object_agg(type, count) from (
          select type, count(*) from behavior_event where source = 'demo' group by type) e) as events`,
    );
    expect(counts).toEqual(report.counts);
    expect(report).toMatchObject({ loaded: true, seed: 1, until: until.toISOString(), catalogue: 'homeware' });
    const simulated = [...simulateShop(options)];
    expect(report.counts.customers).toBe(simulated.length);
    expect(report.counts.orders + report.counts.returns).toBe(simulated.flatMap(({ orders }) => orders).length);
  });

  it('is labelled synthetic, and its people cannot be reached', async () => {
    const row = await one(
      dataSource,
      `select bool_and(c.attributes @> '{"synthetic": true}') as labelled,
        bool_and(p.email like '%@example.com' and p.phone is null) as unreachable, count(*)::int as people
       from customer c join customer_personal_data p on p.customer_id = c.id where c.source = 'demo'`,
    );
    expect(row).toEqual({ labelled: true, unreachable: true, people: 300 });
  });

  it('has the purchase days of its orders, postage left out', async () => {
    const expected = new Map<string, number>();
    for (const { externalId, orders } of simulateShop(options)) {
      for (const { placedAt, lines } of orders) {
        const key = `${externalId} ${placedAt.toISOString().slice(0, 10)}`;
        const net = lines
          .filter(({ product }) => product.merchandise)
          .reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0);
        expected.set(key, (expected.get(key) ?? 0) + net);
      }
    }
    const rows = await dataSource.query<{ key: string; net: string }[]>(
      `select c.external_id || ' ' || day::text as key, net from purchase_day d join customer c on c.id = d.customer_id`,
    );
    expect(rows).toHaveLength(expected.size);
    for (const { key, net } of rows) expect(Number(net)).toBeCloseTo(expected.get(key) as number, 6);
  });

  it('leaves every foreign key in place, and valid', async () => {
    expect(schema).not.toEqual([]);
    expect(await foreignKeys()).toEqual(schema);
  });

  it('stays as it is when the same shop is loaded again', async () => {
    const again = await generateDemoShop(dataSource, options);
    expect(again).toEqual({ ...report, loaded: false });
    expect(await contentHash(dataSource)).toBe(hash);
  });

  it.each([{ seed: 2 }, { customers: 301 }, { until: new Date('2025-12-31') }, { catalogue: 'pets' as const }])(
    'refuses another shop beside it: %j',
    async (other) => {
      await expect(generateDemoShop(dataSource, { ...options, ...other })).rejects.toMatchObject({
        code: 'CONFLICT',
        message: expect.stringContaining('300 customers, seed 1, homeware, 2.5 years, until 2026-01-01'),
      });
    },
  );

  it('keeps the old shop when its replacement is cancelled', async () => {
    const aborted = generateDemoShop(dataSource, {
      ...options,
      seed: 2,
      replace: true,
      signal: AbortSignal.abort(),
    });
    await expect(aborted).rejects.toMatchObject({ code: 'RUN_CANCELLED' });
    expect(await contentHash(dataSource)).toBe(hash);
  });

  it('leaves nothing where it is cancelled amid writing', async () => {
    await using fresh = await createTestDatabase();
    const abort = new AbortController();
    const customers = 2_100;
    const progress = { report: (stage: string) => void (stage === 'loading demo shop' && abort.abort()) };
    const aborted = generateDemoShop(fresh.dataSource, { ...options, customers, progress, signal: abort.signal });
    await expect(aborted).rejects.toMatchObject({ code: 'RUN_CANCELLED' });
    // As long as writing the first 2,000 customers takes.
    await setTimeout(1_000);
    const count = '(select count(*)::int from customer) + (select count(*)::int from product)';
    expect(await fresh.dataSource.query(`select ${count} as count`)).toEqual([{ count: 0 }]);
  });

  it('is replaced on request, and other customers are left alone', async () => {
    // With an order of somebody else's, tables are not locked and foreign keys are checked row by row.
    await dataSource.query(
      `insert into customer_order (source, external_id, customer_id, placed_at, currency, total)
       select 'shopify', 'o1', id, now(), 'EUR', 10 from customer where external_id = 'real'`,
    );
    await dataSource.query(
      `insert into campaign_member (campaign_id, customer_id, member_group, predicted)
       select 1, id, 'CONTACTED', 1 from customer`,
    );
    await generateDemoShop(dataSource, { ...options, seed: 2, replace: true });
    expect(await contentHash(dataSource)).not.toBe(hash);
    expect(
      await dataSource.query('select external_id from campaign_member left join customer on id = customer_id'),
    ).toEqual([{ external_id: 'real' }]);
    await generateDemoShop(dataSource, { ...options, replace: true });
    expect(await contentHash(dataSource)).toBe(hash);
    expect(await dataSource.query(`select external_id from customer where source <> 'demo'`)).toEqual([
      { external_id: 'real' },
    ]);
  });

  it('is loaded once when two ask for it at the same time', async () => {
    await dataSource.query(`delete from customer where source = 'demo'`);
    await dataSource.query(`delete from behavior_event`);
    await dataSource.query(`delete from product`);
    const reports = await Promise.all([generateDemoShop(dataSource, options), generateDemoShop(dataSource, options)]);
    expect(reports.map(({ loaded }) => loaded).sort()).toEqual([false, true]);
    expect(await contentHash(dataSource)).toBe(hash);
  });
});

describe('a demo shop of 50,000 customers', () => {
  it('is loaded with the memory of a few thousand', async () => {
    await using database = await createTestDatabase();
    const before = process.memoryUsage();
    let peak = 0;
    const phases = new Set<string>();
    const report = await generateDemoShop(database.dataSource, {
      ...options,
      customers: 50_000,
      progress: {
        report(phase, fraction) {
          expect(fraction).toBeGreaterThanOrEqual(0);
          expect(fraction).toBeLessThanOrEqual(1);
          phases.add(phase);
          const { heapUsed, arrayBuffers } = process.memoryUsage();
          peak = Math.max(peak, heapUsed + arrayBuffers - before.heapUsed - before.arrayBuffers);
        },
      },
    });
    expect(report.counts.customers).toBe(50_000);
    expect(phases.size).toBeGreaterThan(3);
    // All customers at once take more than 300 MB.
    expect(peak / 1e6).toBeLessThan(200);
  }, 240_000);
});

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { ImportMapping } from '../../../../src/services/ingestion/import.types.js';
import { upsertCustomers } from '../../../../src/services/ingestion/live/upserts.js';
import { useImports } from '../imports.js';

const imports = useImports();
const { query, load } = imports;

const people: ImportMapping = {
  kind: 'customers',
  columns: { 'customer.externalId': 'id', 'customer.name': 'name', 'customer.email': 'mail', 'customer.phone': 'tel' },
};
const file = (from: number, to: number) =>
  ['id,name,mail,tel']
    .concat(
      Array.from({ length: to - from }, (_, i) => `c${from + i},Ada ${from + i},${from + i}@x.org,+49 ${from + i}`),
    )
    .join('\n');

const definitions = () =>
  query<{ definition: string }>(`
    select pg_get_indexdef(indexrelid) as definition from pg_index
    where indrelid in ('customer'::regclass, 'customer_summary'::regclass, 'customer_personal_data'::regclass)
    union all
    select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || convalidated from pg_constraint
    where conrelid in ('customer'::regclass, 'customer_summary'::regclass, 'customer_personal_data'::regclass)
    order by 1`);

/** Another one where it was built again. */
const emailIndex = async () => (await query(`select 'customer_personal_data_email'::regclass::oid as id`))[0];

const counts = async () =>
  (
    await query(`select (select count(*)::int from customer) as customers,
      (select count(*)::int from customer_summary) as summaries,
      (select count(*)::int from customer_personal_data) as people`)
  )[0];

/** Backends of this database that run such a statement, or wait in it. */
const running = (statement: string) =>
  query<{ pid: number }>(`
    select pid from pg_stat_activity
    where datname = current_database() and state = 'active' and query like '%${statement}%' and pid <> pg_backend_pid()`);

async function whileRunning(statement: string): Promise<number> {
  for (let attempt = 0; attempt < 3_000; attempt++) {
    const [found] = await running(statement);
    if (found) return found.pid;
    await sleep(5);
  }
  throw new Error(`${statement} did not run in time`);
}

it('the first customers: keys and indexes are built after them, and each row is written once', async () => {
  const before = await definitions();
  const index = await emailIndex();
  const { customers } = await load(file(0, 300), people);
  expect(customers).toEqual({ created: 300, updated: 0, unchanged: 0 });
  expect(await definitions()).toEqual(before);
  expect(await emailIndex()).not.toEqual(index);
  expect(await counts()).toEqual({ customers: 300, summaries: 300, people: 300 });
  expect(await query('select count(*)::int as n from customer where facts_changed_at <> created_at')).toEqual([
    { n: 0 },
  ]);
});

it('later customers: those whose personal data changed are marked as changed, new and equal ones are not', async () => {
  await load(file(0, 2), people);
  const index = await emailIndex();
  const report = await load(`${file(1, 2)}\n${file(2, 3).split('\n')[1]}\nc0,Ada 0,0@y.org,`, people);
  expect(report.customers).toEqual({ created: 1, updated: 1, unchanged: 1 });
  expect(await emailIndex()).toEqual(index);
  expect(
    await query(
      'select external_id as id from customer where facts_changed_at <> created_at or updated_at <> created_at',
    ),
  ).toEqual([{ id: 'c0' }]);
});

it('customers who come by another way while the first load waits: it merges into them', async () => {
  const before = await definitions();
  const runner = imports.database.dataSource.createQueryRunner();
  await runner.startTransaction();
  await runner.query(`insert into customer (source, external_id) values ('shop', 'c0')`);
  const loading = load(file(0, 300), people);
  await whileRunning('lock table customer');
  await runner.commitTransaction();
  await runner.release();
  expect((await loading).customers).toEqual({ created: 299, updated: 1, unchanged: 0 });
  expect(await counts()).toEqual({ customers: 300, summaries: 300, people: 300 });
  expect(await definitions()).toEqual(before);
  expect(await upsertCustomers(imports.database.dataSource, [{ externalId: 'c0' }], 'shop')).toMatchObject([
    { status: 'UNCHANGED' },
  ]);
});

it('a backend that is terminated meanwhile leaves nothing of the load, and every key and index', async () => {
  const before = await definitions();
  const outcome = load(file(0, 30_000), people).catch((error: unknown) => error);
  await query(`select pg_terminate_backend(${await whileRunning('insert into customer_personal_data')})`);
  expect(await outcome).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  expect(await counts()).toEqual({ customers: 0, summaries: 0, people: 0 });
  expect(await definitions()).toEqual(before);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { importFile } from '../../../src/services/ingestion/import-file.js';
import { presets } from '../../../src/services/ingestion/mapping/presets.js';
import { useTestDatabase } from '../../support/database.js';
import { useFolder } from '../../support/folder.js';

const database = useTestDatabase();
const path = join(useFolder(), 'orders.csv');

beforeAll(async () => {
  const lines = Array.from(
    { length: 60_000 },
    (_, i) =>
      `${Math.floor(i / 10)},SKU${i % 997},Thing ${i % 997},${1 + (i % 5)},2024-03-01 10:00,2.5,${Math.floor(i / 10) % 3000},Chile`,
  );
  await writeFile(
    path,
    ['Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country', ...lines].join('\n'),
  );
});

const tables = ['customer', 'product', 'customer_order', 'order_line', 'purchase_day'];

/** Backends that work on the import's lines just now. */
async function importingBackends(): Promise<number[]> {
  const rows = await database.dataSource.query<{ pid: number }[]>(`
    select pid from pg_stat_activity
    where datname = current_database() and state = 'active' and query like '%insert into order_line%'
      and pid <> pg_backend_pid()`);
  return rows.map(({ pid }) => pid);
}

async function waitFor<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < 3_000; attempt++) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(10);
  }
  throw new Error(`${what} did not happen in time`);
}

const merging = () => waitFor('the merge of the lines', async () => (await importingBackends())[0]);

async function expectNothingThere(): Promise<void> {
  for (const table of tables) {
    const [count] = await database.dataSource.query(`select count(*)::int as n from ${table}`);
    expect({ table, ...count }).toEqual({ table, n: 0 });
  }
}

async function expectForeignKeysThere(): Promise<void> {
  const [count] = await database.dataSource.query(
    `select count(*)::int as n from pg_constraint where contype = 'f' and conrelid = 'order_line'::regclass`,
  );
  expect(count).toEqual({ n: 2 });
}

const load = () =>
  importFile(database.dataSource, { path, mapping: presets['online-retail'], source: 'shop', currency: 'GBP' });

it('a backend that is terminated in the merge leaves nothing, and the import says so', async () => {
  const outcome = load().then(
    () => 'completed',
    (error: unknown) => error,
  );
  await database.dataSource.query('select pg_terminate_backend($1)', [await merging()]);
  expect(await outcome).toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
    message: expect.stringContaining('run the same again'),
  });
  await expectNothingThere();
  await expectForeignKeysThere();
});

it('kill -9 of the importing process in the merge leaves nothing, and the next import loads all', async () => {
  // Vite compiles the sources as vitest does: no build is needed.
  const script = `import('vite').then((vite) => vite.runnerImport(process.argv[1], { oxc: { target: 'es2022' } }))`;
  const fixture = resolve('test/services/ingestion/fixtures/import-process.ts');
  const child = spawn(process.execPath, ['-e', script, fixture, database.url, path], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const exited = once(child, 'exit');
  const pid = await merging();
  child.kill('SIGKILL');
  expect(await exited).toEqual([null, 'SIGKILL']);
  // The backend learns of it when its statement is done.
  await waitFor('the end of the backend', async () => {
    const [alive] = await database.dataSource.query('select 1 from pg_stat_activity where pid = $1', [pid]);
    return alive ? undefined : true;
  });
  await expectNothingThere();
  await expectForeignKeysThere();
  const report = await load();
  expect(report.orderLines).toMatchObject({ created: 60_000 });
});

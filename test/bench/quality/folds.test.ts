import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Table } from '../../../bench/quality/csv.js';
import { exportFold } from '../../../bench/quality/export.js';
import { foldOf, fullDatabase, importDataSet, prepareFold } from '../../../bench/quality/folds.js';
import {
  type FoldName,
  foldsOf,
  type Protocol,
  type ProtocolId,
  protocols,
  seedsOf,
} from '../../../bench/quality/protocols.js';
import { BenchServer } from '../../../bench/bench-server.js';
import { filesOf } from '../../../bench/quality/work-folder.js';
import { dayMs } from '../../../src/days.js';
import { silentProgress } from '../../../src/progress.js';
import { Random } from '../../../src/random.js';
import { refreshAll } from '../../../src/services/preprocessing/refresh-all.js';
import { WorkingFolder } from '../../support/working-folder.js';

const protocol = (id: ProtocolId): Protocol => protocols.find((candidate) => candidate.id === id)!;
const externalIds = Array.from({ length: 400 }, (_, i) => String(i + 1).padStart(5, '0'));

/** Customers who join in the first quarter of 1997 and buy now and then until the end of June 1998. */
function cdnowLike(): string {
  const random = new Random('quality folds');
  const date = (day: number) => new Date(Date.UTC(1997, 0, 1 + day)).toISOString().slice(0, 10).replaceAll('-', '');
  const lines = ['customer_id date number_of_cds dollar_value'];
  for (const customer of externalIds) {
    const gap = random.exponential(1 / 90);
    for (let day = random.integer(90); day < 546; day += 1 + Math.round(random.exponential(1 / gap))) {
      // One customer has never paid for anything before the as-of date.
      const dollars = customer === externalIds[0] && day < 273 ? 0 : 10 + 30 * random.uniform();
      lines.push(`${customer} ${date(day)} 1 ${dollars.toFixed(2)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

let server: BenchServer;
let home: WorkingFolder;
const { data } = protocol('P1');

/** Prepares and exports a fold, then looks into the database that it is trained in. */
async function trainedFold(
  id: ProtocolId,
  fold: FoldName,
  look: (training: DataSource) => Promise<void>,
  fresh = false,
): Promise<{ train: Table; test: Table; zero: Table }> {
  const record = await prepareFold(server, protocol(id), fold, { fresh, progress: silentProgress });
  const training = await server.connect(record.database);
  const full = await server.connect(fullDatabase(protocol(id)));
  try {
    await exportFold({ full, training }, protocol(id), fold, record, silentProgress);
    await look(training);
  } finally {
    await training.destroy();
    await full.destroy();
  }
  const files = filesOf(protocol(id), fold);
  return {
    train: await Table.read(files.train),
    test: await Table.read(files.test),
    zero: await Table.read(files.zero),
  };
}

beforeAll(async () => {
  home = await WorkingFolder.enter();
  await mkdir(join(home.path, 'data', 'cdnow'), { recursive: true });
  await writeFile(join(home.path, 'data', data.file), gzipSync(cdnowLike()));
  server = await BenchServer.open(home.path, inject('postgresUrl'));
  await importDataSet(server, protocol('P1'), join(home.path, 'data'), silentProgress);
});

afterAll(async () => {
  for (const name of [fullDatabase(protocol('P1')), 'quality_p1_all', 'quality_p2_fold2']) await server.drop(name);
  await server[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

describe('folds', () => {
  it('part the customers into five of about the same size, always the same', () => {
    const sizes = [0, 0, 0, 0, 0];
    for (const id of externalIds) sizes[foldOf(id) - 1]!++;
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(externalIds.length);
    for (const size of sizes) expect(size).toBeGreaterThan(40);
    expect(['00001', '00002', '00003'].map(foldOf)).toEqual([3, 3, 2]);
  });

  it('take five seeds a protocol', () => {
    expect(seedsOf(protocol('P1'), 'all', 5)).toEqual([1, 2, 3, 4, 5]);
    expect(foldsOf(protocol('P2')).map((fold) => seedsOf(protocol('P2'), fold, 1))).toEqual([[1], [2], [3], [4], [5]]);
  });
});

describe('a fold of a customer split', () => {
  it('is trained where its own customers are unknown, and tested on them alone', async () => {
    const { train, test } = await trainedFold('P2', 'fold2', async (training) => {
      const known = await training.query<{ external_id: string }[]>('select external_id from customer order by 1');
      expect(known.map(({ external_id }) => external_id)).toEqual(externalIds.filter((id) => foldOf(id) !== 2));
      for (const table of ['customer_order', 'purchase_day', 'customer_summary', 'snapshot_row']) {
        const [{ strangers }] = await training.query<[{ strangers: number }]>(
          `select count(*)::int as strangers from ${table} t
           where not exists (select from customer c where c.id = t.customer_id)`,
        );
        expect([table, strangers]).toEqual([table, 0]);
      }
    });
    expect(test.texts('customer')).toEqual(externalIds.filter((id) => foldOf(id) === 2));
    expect(train.texts('customer').filter((id) => foldOf(id) === 2)).toEqual([]);
    // The window that is predicted is among those that were learnt, with the other customers' labels.
    expect(train.texts('as_of')).toContain('1997-10-01');
  });
});

describe('a temporal fold', () => {
  it('is trained where nothing is known from the as-of date on', async () => {
    const { train, test, zero } = await trainedFold('P1', 'all', async (training) => {
      const [newest] = await training.query<[{ order: Date; day: string }]>(
        `select (select max(placed_at) from customer_order) as order, (select max(day)::text from purchase_day) as day`,
      );
      expect(newest.order.getTime()).toBeLessThan(Date.parse('1997-10-01'));
      expect(newest.day < '1997-10-01').toBe(true);
    });
    const horizons = train.numbers('horizon_days');
    const ends = train.texts('as_of').map((asOf, i) => Date.parse(asOf) + horizons[i]! * dayMs);
    expect(Math.max(...ends)).toBe(Date.parse('1997-10-01'));
    // All customers are tested, and whoever never paid anything is scored at 0.
    expect(zero.texts('customer')).toEqual([externalIds[0]]);
    expect(test.texts('customer')).toEqual(externalIds.slice(1));
  });

  it('gives everybody the same rows, whatever happens from the as-of date on, but for what is to be predicted', async () => {
    const before = await exported();
    const full = await server.connect(fullDatabase(protocol('P1')));
    const future = `placed_at >= '1997-10-01Z'`;
    for (const change of [
      `delete from customer_order where ${future} and id % 5 = 0`,
      `update customer_order set total = -total where ${future} and id % 5 = 1`,
      `update customer_order set total = 9 * total, placed_at = '1997-10-01Z' where ${future} and id % 5 = 2`,
    ]) {
      const [, changed] = await full.query<[unknown, number]>(change);
      expect(changed).toBeGreaterThan(50);
    }
    await refreshAll(full, { progress: silentProgress, signal: new AbortController().signal });
    await full.destroy();
    const after = await exported();
    expect(after.known).toEqual(before.known);
    expect(after.labels).not.toEqual(before.labels);
  });
});

/** Of P1, from a database made anew: what is known at the as-of date, and what is to be predicted. */
async function exported() {
  const { train, test } = await trainedFold('P1', 'all', async () => undefined, true);
  const { train: trainFile, test: testFile } = filesOf(protocol('P1'), 'all');
  const columns = (await readFile(testFile, 'utf8')).split('\n', 1)[0]!.split(',');
  const labels = ['actual', 'purchases'];
  expect(train.length).toBeGreaterThan(test.length);
  return {
    known: [
      await readFile(trainFile, 'utf8'),
      ...columns.filter((name) => !labels.includes(name)).map((name) => test.texts(name).join()),
    ],
    labels: labels.map((name) => test.texts(name).join()),
  };
}

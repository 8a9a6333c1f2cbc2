import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ClvError } from '../../../src/errors.js';
import { mean } from '../../../src/math.js';
import { computeFeatures } from '../../../src/ml/features/compute-features.js';
import { computeSpendHistory } from '../../../src/ml/features/spend-history.js';
import { buildModelInput, numericTokenNames } from '../../../src/ml/features/model-input.js';
import {
  type PreprocessingResult,
  runPreprocessing,
} from '../../../src/services/preprocessing/preprocessing.service.js';
import {
  iterateSnapshotRows,
  readSnapshot,
  sampleRows,
  type SnapshotExample,
} from '../../../src/services/preprocessing/snapshots.service.js';
import { useTestDatabase } from '../../support/database.js';
import { untilWaitingFor } from '../../support/waiting.js';
import { writeShop } from './preprocessing-shop.js';

const input = { asOf: '2023-12-01', horizonDays: 120 };

describe('preprocessing', () => {
  const database = useTestDatabase();
  let result: PreprocessingResult;
  const phases: [string, number][] = [];
  beforeAll(async () => {
    await writeShop(database.dataSource);
    result = await runPreprocessing(database.dataSource, input, {
      progress: { report: (phase, fraction) => void phases.push([phase, fraction]) },
    });
  });

  const query = (sql: string, parameters?: unknown[]) => database.dataSource.query(sql, parameters);
  async function rowsOf(id: string): Promise<SnapshotExample[]> {
    const rows = [];
    const snapshot = await readSnapshot(database.dataSource, id);
    for await (const batch of iterateSnapshotRows(database.dataSource, snapshot)) rows.push(...batch);
    return rows;
  }
  async function failure(promise: Promise<unknown>): Promise<ClvError> {
    return promise.then(
      () => expect.unreachable('should have failed'),
      (error: ClvError) => error,
    );
  }

  it('makes rows of every window: features as of its date, labels from it on', async () => {
    const snapshot = await readSnapshot(database.dataSource, result.snapshotId);
    expect(snapshot.spend).toEqual(await computeSpendHistory(database.dataSource, new Date(input.asOf)));
    const rows = await rowsOf(result.snapshotId);
    expect(rows).toHaveLength(snapshot.rowCount);
    expect(new Set(rows.map(({ window }) => window)).size).toBe(snapshot.windows.length);
    for (const [place, { asOf, horizonDays }] of snapshot.windows.entries()) {
      const mine = rows.filter(({ window }) => window === place);
      const expected = await computeFeatures(database.dataSource, {
        asOf: new Date(asOf),
        customerIds: mine.map(({ row }) => row.customerId),
      });
      expect(mine.map(({ row }) => row)).toEqual(expected);
      const labels = await query(
        `select coalesce(sum(net), 0)::float8 as label
         from unnest($1::bigint[]) with ordinality t (id, place)
         left join purchase_day on customer_id = id and day >= $2::date and day < $2::date + $3::int
         group by id, place order by place`,
        [mine.map(({ row }) => row.customerId), asOf.slice(0, 10), horizonDays],
      );
      expect(mine.map(({ label }) => label)).toEqual(labels.map(({ label }: { label: number }) => label));
      expect(Date.parse(asOf) + horizonDays * 86_400_000).toBeLessThanOrEqual(Date.parse(input.asOf));
    }
  });

  it('holds out the same customers everywhere, and looks at them in the validation window only', async () => {
    const { windows } = await readSnapshot(database.dataSource, result.snapshotId);
    const rows = await rowsOf(result.snapshotId);
    const customersOf = (split: string) =>
      new Set(rows.filter((row) => row.split === split).map(({ row }) => row.customerId));
    const heldOut = customersOf('VALIDATION');
    expect([...customersOf('TRAIN')].filter((id) => heldOut.has(id))).toEqual([]);
    expect(heldOut.size / 300).toBeGreaterThan(0.07);
    expect(heldOut.size / 300).toBeLessThan(0.22);
    const placesOf = (split: string) => new Set(rows.filter((row) => row.split === split).map(({ window }) => window));
    expect([...placesOf('VALIDATION')]).toEqual([windows.findIndex(({ validation }) => validation)]);
    expect(placesOf('TRAIN').size).toBe(windows.length);
    const labels = rows.flatMap(({ split, label }) => (split === 'TRAIN' ? [label] : []));
    const positive = labels.filter((label) => label > 0);
    expect(result.report.labels).toEqual({
      meanPositive: expect.closeTo(mean(positive), 9),
      largest: Math.max(...positive),
      positiveShare: positive.length / labels.length,
    });
  });

  it('holds out the same customers at any as-of date, by a hash of their source and external id', async () => {
    const earlier = await runPreprocessing(database.dataSource, { ...input, asOf: '2023-11-01' });
    const rows: { source: string; id: string; split: string }[] = await query(
      `select distinct source, external_id as id, split from snapshot_row join customer c on c.id = customer_id
       where snapshot_id = any($1::bigint[])`,
      [[result.snapshotId, earlier.snapshotId]],
    );
    const splitOf = (key: string) =>
      parseInt(createHash('md5').update(key).digest('hex').slice(0, 8), 16) / 2 ** 32 < 0.15 ? 'VALIDATION' : 'TRAIN';
    expect(rows.length).toBeGreaterThan(250);
    for (const { source, id, split } of rows) expect([id, split]).toEqual([id, splitOf(`${source}\x1f${id}`)]);
  });

  it('gives finite model inputs, with the prior of each window', async () => {
    const { scaler, windows, prior } = await readSnapshot(database.dataSource, result.snapshotId);
    const names = numericTokenNames(scaler);
    for (const { row, window } of await rowsOf(result.snapshotId)) {
      const { horizonDays, prior: fitted } = windows[window]!;
      const { numeric, prior: input } = buildModelInput({ row, horizonDays, scaler, prior: fitted });
      expect(numeric).toHaveLength(names.length);
      expect([...numeric, ...input].every(Number.isFinite)).toBe(true);
    }
    expect(windows[0]!.prior).not.toEqual(prior);
  });

  it('is the same when run again, whatever happened after its as-of date', async () => {
    await query(`update customer_order set total = total * 9 where placed_at >= '2023-12-01Z'`);
    const again = await runPreprocessing(database.dataSource, input);
    const { id: first, ...one } = await readSnapshot(database.dataSource, result.snapshotId);
    const { id: second, ...other } = await readSnapshot(database.dataSource, again.snapshotId);
    const timeless = ({ report: { seconds: _seconds, ...report }, ...rest }: typeof one) => ({ ...rest, report });
    expect(first).not.toBe(second);
    expect(timeless(other)).toEqual(timeless(one));
    expect(await rowsOf(second)).toEqual(await rowsOf(first));
  });

  it('cuts its windows out of the history of the shop, not of a stray order', async () => {
    await query(`insert into customer (external_id) values ('stray')`);
    await query(
      `insert into customer_order (external_id, customer_id, placed_at, currency, total)
       select 'stray', id, '1970-01-01', 'EUR', 20 from customer where external_id = 'stray'`,
    );
    try {
      const { snapshotId, report } = await runPreprocessing(database.dataSource, input);
      expect(report.customers.kept).toBe(result.report.customers.kept + 1);
      const windowsOf = async (id: string) =>
        (await readSnapshot(database.dataSource, id)).windows.map(({ asOf, horizonDays }) => ({ asOf, horizonDays }));
      expect(await windowsOf(snapshotId)).toEqual(await windowsOf(result.snapshotId));
    } finally {
      await query(`delete from customer where external_id = 'stray'`);
    }
  });

  it('samples a base that is larger than asked for', async () => {
    const { report, snapshotId } = await runPreprocessing(database.dataSource, {
      ...input,
      options: { maxTrainingRows: 200 },
    });
    expect(report.rows.available).toBe(result.report.rows.train);
    expect(report.rows.sampledShare).toBeCloseTo(200 / report.rows.available, 12);
    expect(report.rows.train).toBeGreaterThan(140);
    expect(report.rows.train).toBeLessThan(260);
    const all = new Set((await rowsOf(result.snapshotId)).map((example) => JSON.stringify(example)));
    const drawn = await rowsOf(snapshotId);
    for (const example of drawn) expect(all).toContain(JSON.stringify(example));
    // Of each date others: the same share of one customers' hashes would make the oldest window a part of the next.
    const ofWindow = (place: number) =>
      drawn.filter(({ split, window }) => split === 'TRAIN' && window === place).map(({ row }) => row.customerId);
    const next = new Set(ofWindow(1));
    expect(ofWindow(0).filter((id) => !next.has(id)).length).toBeGreaterThan(5);
  });

  it('reports progress up to the end', () => {
    const fractions = phases.map(([, fraction]) => fraction);
    expect([...fractions].sort((a, b) => a - b)).toEqual(fractions);
    expect(fractions.at(-1)).toBe(1);
    const names = phases.map(([phase]) => phase);
    expect([...new Set(names)]).toEqual([
      'cleaning',
      'counting',
      'learning the pace of purchases',
      'computing features',
      'fitting the prior',
      'preprocessed',
    ]);
    // Each of the two reads whole tables.
    expect(names.filter((phase) => phase === 'counting')).toHaveLength(2);
  });

  it('shows some rows, always the same', async () => {
    const snapshot = await readSnapshot(database.dataSource, result.snapshotId);
    const sample = await sampleRows(database.dataSource, snapshot, 5);
    expect(sample).toHaveLength(5);
    expect(await sampleRows(database.dataSource, snapshot, 5)).toEqual(sample);
    expect(sample[0]!.row.narrative[0]!.text).toMatch(/^last bought /);
  });

  it('leaves nothing behind when it is cancelled or fails', async () => {
    const count = async () => (await query('select count(*)::int as n from snapshot'))[0].n;
    const before = await count();
    const controller = new AbortController();
    const cancelled = runPreprocessing(database.dataSource, input, {
      signal: controller.signal,
      progress: {
        report: (phase) => {
          if (phase === 'computing features') controller.abort(new Error('stopped by the test'));
        },
      },
    });
    expect((await failure(cancelled)).message).toBe('stopped by the test');
    await query('alter table snapshot_row add constraint broken check ("window" < 3) not valid');
    expect((await failure(runPreprocessing(database.dataSource, input))).message).toMatch(/broken/);
    await query('alter table snapshot_row drop constraint broken');
    expect(await count()).toBe(before);
    expect(
      (await query('select count(*)::int as n from snapshot_row where snapshot_id not in (select id from snapshot)'))[0]
        .n,
    ).toBe(0);
  });

  it('is cancelled in the middle of a statement too', async () => {
    const controller = new AbortController();
    await database.dataSource.transaction(async (manager) => {
      // The first rows wait for this lock.
      await manager.query('lock table snapshot_row in access exclusive mode');
      const waiting = runPreprocessing(database.dataSource, input, { signal: controller.signal });
      await untilWaitingFor(database.dataSource, 'snapshot_row');
      controller.abort(new Error('stopped by the test'));
      expect((await failure(waiting)).message).toBe('stopped by the test');
    });
    expect(await query('select 1 as alive')).toEqual([{ alive: 1 }]);
  });

  it('says what is wrong where there is nothing to learn from', async () => {
    const run = (asOf: string, horizonDays = 120) => runPreprocessing(database.dataSource, { asOf, horizonDays });
    const empty = await failure(run('2022-01-01'));
    expect(empty.code).toBe('SNAPSHOT_EMPTY');
    expect(empty.message).toMatch(/300 without orders before it/);
    const short = await failure(run('2023-01-10'));
    expect(short.code).toBe('INSUFFICIENT_DATA');
    expect(short.message).toMatch(/too short to learn from/);
    expect((await failure(run('yesterday'))).code).toBe('BAD_USER_INPUT');
    expect((await failure(run('2023-12-01', 0))).message).toMatch(/horizonDays/);
    expect((await failure(readSnapshot(database.dataSource, '999999'))).code).toBe('NOT_FOUND');
  });

  it('that an earlier version made is not learnt from', async () => {
    const { snapshotId } = await runPreprocessing(database.dataSource, { asOf: '2023-12-01', horizonDays: 30 });
    await database.dataSource.query("update snapshot set scaler = scaler - 'spend' where id = $1", [snapshotId]);
    expect((await failure(readSnapshot(database.dataSource, snapshotId))).code).toBe('CONFLICT');
  });
});

import pLimit from 'p-limit';
import { mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Papa from 'papaparse';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { exportCommand } from '../../src/cli/export.command.js';
import { dayOf } from '../../src/days.js';
import { parseGlobalId } from '../../src/schema/global-id.js';
import { CustomerListService } from '../../src/services/customers/customer-list.service.js';
import { findHistories } from '../../src/services/customers/purchase-histories.js';
import { SegmentsService } from '../../src/services/customers/segments.service.js';
import { TotalsService } from '../../src/services/totals/totals.service.js';
import { LocalInference } from '../../src/services/inference/local-inference.js';
import { CustomerClv, toClvHistory } from '../../src/services/predictions/customer-clv.js';
import { PredictionsService } from '../../src/services/predictions/predictions.service.js';
import { useCommandLine } from '../support/command-line.js';
import { testConfig } from '../support/config.js';
import { useFolder } from '../support/folder.js';
import { scoredAsOf, shopCustomers, useScoredShop } from '../support/scored-shop.js';

type Row = Record<string, string>;

describe('clvgraph export', () => {
  const shop = useScoredShop();
  const folder = useFolder();
  const printed = useCommandLine(shop);
  beforeAll(async () => {
    const segments = new SegmentsService(
      shop.dataSource,
      new CustomerListService(shop.dataSource, { asOf: 'auto' }),
      new TotalsService(shop.dataSource, pLimit(1)),
    );
    await segments.create({ name: 'Best, "by far"', filter: { percentile: { min: 90 } } });
    await segments.create({ name: '=France', filter: { country: ['France'] } });
  });

  const run = (...args: string[]) => exportCommand().exitOverride().parseAsync(args, { from: 'user' });
  async function rows(name: string, ...flags: string[]): Promise<Row[]> {
    const path = join(folder, name);
    await run(path, ...flags);
    return Papa.parse<Row>(await readFile(path, 'utf8'), { header: true, skipEmptyLines: true }).data;
  }

  it('writes everybody, in the order of their arrival, for its owner alone', async () => {
    const all = await rows('all.csv');
    expect(Object.keys(all[0]!).join(',')).toBe(
      'id,source,externalId,predicted,lower,upper,purchaseProbability,percentile,tier,basis,asOf,horizonDays,model,' +
        'currency,churnProbability,predictedOrders,expectedNextOrderDate,historic,purchases,firstOrderDate,' +
        'lastOrderDate,averageOrderValue,averageDaysBetweenOrders',
    );
    const stored = await shop.dataSource.query<{ id: string; value: number | null; probability: number }[]>(
      `select c.external_id as id, round(p.expected_value::numeric, 2)::float8 as value,
         p.purchase_probability as probability
       from customer c left join prediction p on p.customer_id = c.id order by c.id`,
    );
    expect(all).toHaveLength(shopCustomers + 1);
    expect(all.map(({ externalId }) => externalId)).toEqual(stored.map(({ id }) => id));
    for (const [i, { value, probability }] of stored.entries()) {
      expect(Number(all[i]!['predicted'])).toBeCloseTo(value ?? 0, 1);
      expect(Number(all[i]!['purchaseProbability'])).toBe(probability ?? 0);
    }
    expect(all.find(({ externalId }) => externalId === 'lead')).toMatchObject({
      source: 'default',
      predicted: '0',
      lower: '0',
      upper: '0',
      percentile: '0',
      tier: 'BRONZE',
      basis: 'NONE',
      asOf: '2025-07-01T00:00:00.000Z',
      horizonDays: '365',
      model: '1',
      currency: 'USD',
      churnProbability: '1',
      predictedOrders: '0',
      expectedNextOrderDate: '',
      historic: '0',
      purchases: '0',
      firstOrderDate: '',
      averageOrderValue: '',
    });
    expect(printed.at(-1)).toContain('all.csv: 301 customers, as of 2025-07-01, 365 days');
    expect((await stat(join(folder, 'all.csv'))).mode & 0o777).toBe(0o600);
    expect((await readdir(folder)).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('tells what customers have bought before the as-of date, and when they are expected, as the API does', async () => {
    const bought = (await rows('past.csv')).filter(({ basis }) => basis !== 'NONE');
    const ids = bought.map(({ id }) => parseGlobalId(id!).id);
    const config = testConfig({ CLVGRAPH_AS_OF: '2025-07-01' });
    const inference = new LocalInference(shop.dataSource, config);
    const predictions = new PredictionsService(shop.dataSource, config, inference);
    const served = await predictions.predict(ids.map((customerId) => ({ customerId, horizonDays: 365 })));
    await inference.close();
    const clvs = served.map((clv) => new CustomerClv(clv, 'USD'));
    const past = await findHistories(shop.dataSource, ids, scoredAsOf);
    const histories = clvs.map((clv, i) => toClvHistory(clv, past.get(ids[i]!)!));
    const text = (value: number | null) => (value === null ? '' : String(value));
    expect(bought.map((row) => [row['predictedOrders'], row['churnProbability'], row['historic']])).toEqual(
      clvs.map((clv, i) => [text(clv.predictedOrders), text(clv.churnProbability), text(histories[i]!.historic)]),
    );
    expect(
      bought.map((row) => [row['expectedNextOrderDate'], row['averageOrderValue'], row['averageDaysBetweenOrders']]),
    ).toEqual(
      histories.map((history) => [
        dayOf(history.expectedNextOrderDate!),
        text(history.averageOrderValue),
        text(history.averageDaysBetweenOrders),
      ]),
    );
    const days = await shop.dataSource.query<{ purchases: string; first: string; last: string }[]>(
      `select count(*)::text as purchases, min(day)::text as first, max(day)::text as last from purchase_day
       where net > 0 and customer_id = any($1::bigint[]) group by customer_id order by customer_id`,
      [ids],
    );
    expect(
      bought.map((row) => ({
        purchases: row['purchases'],
        first: row['firstOrderDate'],
        last: row['lastOrderDate'],
      })),
    ).toEqual(days);
  });

  it('tells the next order that the scoring stored, by which it selects, and none where it stored none', async () => {
    const { dataSource } = shop;
    const stored = await dataSource.query<{ customer_id: string; date: string }[]>(
      `select customer_id, expected_next_order_date::text as date from prediction order by customer_id limit 2`,
    );
    const put = (i: number, date: string | null) =>
      dataSource.query('update prediction set expected_next_order_date = $2 where customer_id = $1', [
        stored[i]!.customer_id,
        date,
      ]);
    // As if the purchases since then said otherwise; and as an earlier version left it.
    await put(0, '2025-07-01');
    await put(1, null);
    const told = new Map(
      (await rows('next.csv')).map((row) => [parseGlobalId(row['id']!).id, row['expectedNextOrderDate']]),
    );
    expect(stored.map(({ customer_id }) => told.get(customer_id))).toEqual(['2025-07-01', '']);
    const due = await rows('due.csv', '--filter', '{"nextOrderDays": {"max": 0}}');
    expect(due.map(({ id }) => parseGlobalId(id!).id)).toContain(stored[0]!.customer_id);
    expect(new Set(due.map((row) => row['expectedNextOrderDate']))).toEqual(new Set(['2025-07-01']));
    for (const [i, { date }] of stored.entries()) await put(i, date);
  });

  it('writes another scoring of all customers, with what they had bought by then', async () => {
    const past = ['--as-of', '2025-01-01', '--horizon-days', '90'];
    await expect(run(join(folder, 'early.csv'), ...past)).rejects.toMatchObject({
      code: 'MODEL_NOT_READY',
      message: expect.stringMatching(
        /^Model 1 has not scored all customers as of 2025-01-01 for 90 days.*: run `clvgraph score` with the same/,
      ) as string,
    });
    await shop.dataSource.query(
      `insert into prediction (model_id, horizon_days, as_of, customer_id, basis, expected_value, purchase_probability, mu,
         sigma, expected_orders, percentile, facts_changed_at, feature_hash)
       select model_id, 90, '2025-01-01Z', customer_id, basis, 7, purchase_probability, mu, sigma, expected_orders, percentile,
         facts_changed_at, feature_hash
       from prediction join customer_summary using (customer_id) where first_day < '2025-01-01'`,
    );
    const early = await rows('early.csv', ...past, '--model', '1');
    expect(early).toHaveLength(shopCustomers + 1);
    const bought = early.filter(({ basis }) => basis !== 'NONE');
    expect(bought.length).toBeGreaterThan(100);
    expect(bought.length).toBeLessThan(shopCustomers);
    for (const row of bought) {
      expect(row).toMatchObject({ predicted: '7', asOf: '2025-01-01T00:00:00.000Z', horizonDays: '90' });
      expect(row['lastOrderDate']! < '2025-01-01').toBe(true);
    }
    expect(printed.at(-1)).toContain('as of 2025-01-01, 90 days');
    // An instant stands for its day.
    expect(await rows('evening.csv', '--as-of', '2025-01-01T20:00:00Z', '--horizon-days', '90')).toEqual(early);
    await shop.dataSource.query(
      `delete from prediction where customer_id = (select min(customer_id) from prediction where horizon_days = 90)
         and horizon_days = 90`,
    );
    await expect(run(join(folder, 'early.csv'), ...past)).rejects.toMatchObject({ code: 'MODEL_NOT_READY' });
    await expect(run(join(folder, 'early.csv'), '--model', '99')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('does not advise to score with a model that an earlier version made', async () => {
    const { dataSource } = shop;
    const become = (format: number, scored: string | null) =>
      dataSource.query(
        `update model_version set serving = jsonb_set(serving, '{format}', $1::text::jsonb), scored_as_of = $2`,
        [format, scored],
      );
    const failure = () => run(join(folder, 'gone.csv'), '--model', '1', '--as-of', '2024-12-01');
    const [{ format }] = await dataSource.query<[{ format: number }]>(
      `select (serving->'format')::integer as format from model_version`,
    );
    await become(0, '2025-07-01Z');
    await expect(failure()).rejects.toThrow(
      /removed that, but its last scoring is there: leave out --as-of and --horizon-days\. Model 1 .* Run startRetrain/,
    );
    await become(0, null);
    await expect(failure()).rejects.toThrow(/removed that\. Model 1 was made by an earlier version.* Run startRetrain/);
    await become(format, '2025-07-01Z');
  });

  it('writes the last scoring by its options as without them, where orders of before have come since', async () => {
    const late = (await rows('then.csv')).find(({ basis }) => basis !== 'NONE')!;
    // As if they had no prediction as of that date.
    const move = (by: string) =>
      shop.dataSource.query(`update prediction set as_of = as_of + $2::interval where customer_id = $1`, [
        parseGlobalId(late['id']!).id,
        by,
      ]);
    await move('1 year');
    const all = await rows('late.csv');
    expect(all.find(({ id }) => id === late['id'])).toMatchObject({ predicted: '0', basis: 'NONE' });
    const chosen = ['--model', '1', '--as-of', '2025-07-01', '--horizon-days', '365'];
    expect(await rows('chosen.csv', ...chosen)).toEqual(all);
    expect(await rows('model.csv', '--model', '1')).toEqual(all);
    expect(await rows('instant.csv', '--as-of', '2025-07-01T10:00:00Z')).toEqual(all);
    await move('-1 year');
  });

  it('writes the members of a segment, who fits a filter, and who is in which segment', async () => {
    const best = await rows('best.csv', '--segment', 'Best, "by far"');
    expect(best.length).toBeGreaterThan(20);
    expect(best.every(({ percentile }) => Number(percentile) >= 90)).toBe(true);
    const france = await rows('france.csv', '--filter', '{"country": ["France"]}');
    expect(france.length).toBeGreaterThan(0);
    const all = await rows('told.csv', '--membership', 'Best, "by far"', '--membership', '=France');
    const members = (column: string) => all.filter((row) => row[column] === 'true').map(({ id }) => id);
    expect(members('segment:Best, "by far"')).toEqual(best.map(({ id }) => id));
    expect(members('segment:=France')).toEqual(france.map(({ id }) => id));
    expect(all.filter((row) => row['segment:=France'] === 'false')).toHaveLength(301 - france.length);
  });

  it('has a wider interval at a higher level', async () => {
    const [inner, outer] = [await rows('80.csv'), await rows('95.csv', '--level', '0.95')];
    const width = (of: Row[]) => of.reduce((sum, row) => sum + Number(row['upper']) - Number(row['lower']), 0);
    expect(width(outer)).toBeGreaterThan(1.2 * width(inner));
  });

  it('names persons only where that is asked for', async () => {
    await shop.dataSource.query(
      `insert into customer_personal_data (customer_id, name, email, phone)
       select id, 'Ann', 'ann@example.com', '+44 1' from customer where external_id = 'lead'`,
    );
    expect(await rows('plain.csv')).not.toContainEqual(expect.objectContaining({ name: expect.anything() }));
    const named = await rows('named.csv', '--personal-data');
    expect(named.at(-1)).toMatchObject({ name: 'Ann', email: 'ann@example.com', phone: `'+44 1` });
    expect(named[0]).toHaveProperty('email');
  });

  it('writes JSON lines, to standard output as well', async () => {
    const path = join(folder, 'all.jsonl');
    await run(path, '--membership', '=France', '--filter', '{"orders": {"max": 0}}');
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ externalId: 'lead', predicted: 0, 'segment:=France': false });
    let written = '';
    const output = vi.spyOn(process.stdout, 'write').mockImplementation((text, ...rest: unknown[]) => {
      written += String(text);
      const taken = rest.at(-1);
      if (typeof taken === 'function') taken();
      return true;
    });
    try {
      await run('-', '--format', 'jsonl', '--membership', '=France', '--filter', '{"orders": {"max": 0}}');
    } finally {
      output.mockRestore();
    }
    expect(written.trimEnd().split('\n')).toEqual(lines);
  });

  it('writes nothing that a spreadsheet would run, unless it is told to', async () => {
    const ids = ['=1+1', '+1', '-2+3', '@x', '\t1', '＝1', 'a"b,c', 'plain-1'];
    await shop.dataSource.query(`insert into customer (source, external_id) select 'odd', unnest($1::text[])`, [ids]);
    const flags = ['--filter', '{"source": ["odd"]}'];
    const escaped = ids.map((id, i) => (i < 6 ? `'${id}` : id));
    expect((await rows('odd.csv', ...flags)).map(({ externalId }) => externalId)).toEqual(escaped);
    expect(printed.at(-1)).toContain(`6 texts with a ' before what a spreadsheet would run`);
    expect((await rows('raw.csv', ...flags, '--raw')).map(({ externalId }) => externalId)).toEqual(ids);
    expect(printed.at(-1)).not.toContain('texts');
    await run(join(folder, 'odd.jsonl'), ...flags);
    const lines = (await readFile(join(folder, 'odd.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { externalId: string }).externalId)).toEqual(ids);
  });

  it.each([
    [['--segment', 'None'], 'NOT_FOUND', 'There is no segment "None"'],
    [['--membership', 'None'], 'NOT_FOUND', 'There is no segment "None"'],
    [['--segment', '=France', '--filter', '{}'], 'BAD_USER_INPUT', 'not both'],
    [['--filter', '{clv}'], 'BAD_USER_INPUT', 'is not JSON'],
    [['--filter', '{"clv": {"mim": 1}}'], 'BAD_USER_INPUT', 'Field "mim" is not defined'],
    [['--filter', '{"tier": ["BEST"]}'], 'BAD_USER_INPUT', 'tier: 0: Value "BEST" does not exist'],
    [['--filter', '{"clv": {"min": 2, "max": 1}}'], 'BAD_USER_INPUT', 'above its max'],
  ])('with %j says what is wrong, and leaves the older file', async (flags, code, message) => {
    const path = join(folder, 'kept.csv');
    await writeFile(path, 'older');
    await expect(run(path, ...flags)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    expect(await readFile(path, 'utf8')).toBe('older');
    expect((await readdir(folder)).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('says where it cannot write', async () => {
    await mkdir(join(folder, 'folder.csv'));
    const link = join(folder, 'link.csv');
    await writeFile(join(folder, 'named.csv'), 'older');
    await symlink('named.csv', link);
    for (const [path, reason] of [
      [join(folder, 'none', 'x.csv'), 'ENOENT'],
      [join(folder, 'folder.csv'), 'it exists, and is not an ordinary file'],
      [link, 'it is a symbolic link'],
    ] as const) {
      await expect(run(path)).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        message: expect.stringContaining(`${path} cannot be written: ${reason}`),
      });
    }
    expect(await readlink(link)).toBe('named.csv');
  });

  it('needs a scored base', async () => {
    await shop.dataSource.query('update model_version set scored_as_of = null');
    await expect(run(join(folder, 'none.csv'))).rejects.toMatchObject({ code: 'MODEL_NOT_READY' });
  });
});

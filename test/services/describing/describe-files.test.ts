import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { computeFeatures } from '../../../src/ml/features/compute-features.js';
import { describeFiles } from '../../../src/services/describing/describe-files.js';
import type { DescribeOptions } from '../../../src/services/describing/describing.types.js';
import { eraseCustomers } from '../../../src/services/ingestion/live/erasure.js';
import { upsertProducts } from '../../../src/services/ingestion/live/upserts.js';
import { useRecords } from '../../support/records.js';

const database = useRecords();
const { query, customers, products, orders, events } = database;
const fixtures = path.resolve('test/fixtures/describing');
const hub = { hubEndpoint: 'http://127.0.0.1:1', hubToken: undefined, hubCache: tmpdir() };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'clvgraph-describe-'));
  await cp(`${fixtures}/red-circle.png`, path.join(folder, 'red.png'));
});
afterEach(() => rm(folder, { recursive: true }));

async function run(content: string, more: Partial<DescribeOptions> = {}) {
  const csv = path.join(folder, 'rows.csv');
  await writeFile(csv, content);
  const kind = more.kind ?? 'product-pictures';
  const model = `${fixtures}/${kind === 'recordings' ? 'recogniser' : 'captioner'}`;
  const rejectionsPath = path.join(folder, 'rejected.csv');
  const options = { path: csv, kind, columns: {}, source: 'default', model, again: false, rejectionsPath, ...more };
  return describeFiles(database.dataSource, hub, options);
}

const facts = () =>
  query<{ external_id: string; facts: string }>(
    'select external_id, facts_changed_at::text as facts from customer order by external_id',
  );
const captions = () =>
  query<{ external_id: string }>('select external_id, picture_caption from product order by external_id');
const bought = (customer: string, product: string) =>
  orders({
    externalId: `${customer} ${product}`,
    customerExternalId: customer,
    placedAt: '2024-05-01',
    lines: [{ productExternalId: product, quantity: 1, unitPrice: 5 }],
  });

describe('pictures of products', () => {
  const pictures = `sku,image\nmug,red.png\njug,${fixtures}/blue-square.jpg\n`;
  const columns = { 'product.externalId': 'SKU', 'product.picture': 'Image' };

  it('become captions that narratives tell; only those who bought them are known anew', async () => {
    await bought('c1', 'mug');
    await bought('c2', 'hat');
    await products({ externalId: 'jug' });
    const before = await facts();
    expect(await run(pictures, { columns })).toMatchObject({
      rowsRead: 2,
      described: 2,
      leftAsTheyAre: 0,
      rowsRejected: 0,
      customersConcerned: 1,
    });
    expect(await captions()).toEqual([
      { external_id: 'hat', picture_caption: null },
      { external_id: 'jug', picture_caption: 'a blue square on white' },
      { external_id: 'mug', picture_caption: 'a red circle on white' },
    ]);
    expect(await run(pictures, { columns, source: ' default' })).toMatchObject({ leftAsTheyAre: 2 });
    const after = await facts();
    expect(after[0]).not.toEqual(before[0]);
    expect(after[1]).toEqual(before[1]);
    const rows = await computeFeatures(database.dataSource, { asOf: new Date('2024-06-01') });
    expect(rows.map(({ narrative }) => narrative.find(({ group }) => group === 'categories')?.text)).toEqual([
      'buys red, circle, white.',
      undefined,
    ]);
  });

  it('are described once; again on demand; the same caption changes nothing', async () => {
    await bought('c1', 'mug');
    await products({ externalId: 'jug', pictureCaption: 'the shop’s own' });
    expect(await run(pictures, { columns })).toMatchObject({ described: 1, leftAsTheyAre: 1 });
    const before = [await facts(), await captions()];
    // Without need of a model it is not looked for.
    expect(await run(pictures, { columns, model: '/nowhere' })).toMatchObject({ described: 0, leftAsTheyAre: 2 });
    expect([await facts(), await captions()]).toEqual(before);
    expect(await run(pictures, { columns, again: true })).toMatchObject({ described: 1, leftAsTheyAre: 1 });
    expect((await captions())[0]).toEqual({ external_id: 'jug', picture_caption: 'a blue square on white' });
    expect(await facts()).toEqual(before[0]);
  });

  it('that cannot be described are listed, and do not stop the others', async () => {
    await products({ externalId: 'mug' }, { externalId: 'jug' });
    await writeFile(path.join(folder, 'not.png'), 'no picture');
    const rows = [
      'product.externalId,product.picture',
      'hat,red.png',
      'jug,not.png',
      'jug,missing.png',
      'jug,https://shop.example/jug.png',
      'jug,',
      'jug,.',
      'mug,red.png',
      'mug,missing.png',
      'm\0g,red.png',
    ];
    const report = await run(rows.join('\n'));
    expect(report).toMatchObject({ rowsRead: 9, described: 1, leftAsTheyAre: 1, rowsRejected: 7 });
    const listed = (await readFile(path.join(folder, 'rejected.csv'), 'utf8')).trim().split('\n').slice(1).sort();
    expect(listed).toEqual([
      'rows.csv,10,product.externalId,m\0g,holds a NUL character',
      'rows.csv,2,product.externalId,hat,is not a product of the source default: import products first',
      'rows.csv,3,product.picture,not.png,"is not a picture in PNG, JPEG or WebP"',
      'rows.csv,4,product.picture,missing.png,does not exist',
      'rows.csv,5,product.picture,https://shop.example/jug.png,is a web address: download the file first',
      'rows.csv,6,product.picture,,is empty',
      'rows.csv,7,product.picture,.,is not a file',
    ]);
    expect((await captions())[0]).toEqual({ external_id: 'jug', picture_caption: null });
  });

  it('are listed to the last, stopped or not', async () => {
    const listed = () => readFile(path.join(folder, 'rejected.csv'), 'utf8');
    const rows = 'product.externalId,product.picture\nhat,red.png\n';
    const whole = `file,line,column,value,reason
rows.csv,2,product.externalId,hat,is not a product of the source default: import products first
`;
    await run(rows);
    expect(await listed()).toBe(whole);
    await products({ externalId: 'mug' });
    const abort = new AbortController();
    const progress = { report: () => abort.abort() };
    const stopped = run(`${rows}mug,red.png\n`, { progress, signal: abort.signal });
    await expect(stopped).rejects.toMatchObject({ code: 'RUN_CANCELLED' });
    expect(await listed()).toBe(whole);
  });

  it.runIf(existsSync('/dev/full'))('are kept, where there is no room for the list', async () => {
    await products({ externalId: 'mug' });
    const rows = 'product.externalId,product.picture\nmug,red.png\nhat,red.png';
    await expect(run(rows, { rejectionsPath: '/dev/full' })).rejects.toMatchObject({
      code: 'IMPORT_INVALID',
      message: expect.stringMatching(/rejected rows cannot be written: ENOSPC.*What was described is kept/),
    });
    expect(await captions()).toEqual([{ external_id: 'mug', picture_caption: 'a red circle on white' }]);
  });

  it('are kept, where the list cannot be begun', async () => {
    await products({ externalId: 'mug' });
    const rows = 'product.externalId,product.picture\nmug,red.png\nhat,red.png';
    const rejectionsPath = path.join(folder, 'nowhere', 'rejected.csv');
    await expect(run(rows, { rejectionsPath })).rejects.toMatchObject({
      code: 'IMPORT_INVALID',
      message: expect.stringMatching(/rejected rows cannot be written: .*What was described is kept/),
    });
    expect(await captions()).toEqual([{ external_id: 'mug', picture_caption: 'a red circle on white' }]);
  });

  it('are of the source that is given', async () => {
    await upsertProducts(database.dataSource, [{ externalId: 'mug' }], 'web');
    const rows = 'product.externalId,product.picture\nmug,red.png';
    expect(await run(rows)).toMatchObject({ described: 0, rowsRejected: 1 });
    expect(await run(rows, { source: 'web' })).toMatchObject({ described: 1 });
  });

  it('are kept up to where it is stopped, and gone on with', async () => {
    await products({ externalId: 'mug' }, { externalId: 'jug' });
    const abort = new AbortController();
    const progress = { report: () => abort.abort() };
    await expect(run(pictures, { columns, progress, signal: abort.signal })).rejects.toMatchObject({
      code: 'RUN_CANCELLED',
    });
    expect(await captions()).toMatchObject([{ picture_caption: null }, { picture_caption: 'a red circle on white' }]);
    expect(await run(pictures, { columns })).toMatchObject({ described: 1, leftAsTheyAre: 1 });
  });

  it.each([
    [
      { columns: { 'product.image': 'image' } },
      'product.image is not a field of product-pictures; these are: product.ex',
    ],
    [{ columns: {} }, /the header lacks "product.externalId".*\. Map the fields to these columns/],
    [{ columns, model: './nowhere' }, /There is no folder .*nowhere, and "\.\/nowhere" is not the name/],
    [{ columns, source: '' }, /source/],
    [{ columns, language: 'de' }, 'Only recordings have a language'],
  ])('say what is wrong with %j', async (more, message) => {
    await products({ externalId: 'mug' });
    await expect(run(pictures, more)).rejects.toThrow(message);
  });
});

describe('recordings', () => {
  const calls = [
    { externalId: 'e1', customerExternalId: 'c1', type: 'SUPPORT_TICKET' as const, occurredAt: '2024-05-20T10:00:00Z' },
    { externalId: 'e2', customerExternalId: 'c2', type: 'REVIEW' as const, occurredAt: '2024-05-21', text: 'lovely' },
    { externalId: 'e3', customerExternalId: 'c3', type: 'BROWSE' as const, occurredAt: '2024-05-22' },
    { externalId: 'twice', customerExternalId: 'c1', type: 'REVIEW' as const, occurredAt: '2024-05-23' },
    { externalId: 'twice', customerExternalId: 'c2', type: 'REVIEW' as const, occurredAt: '2024-05-24' },
  ];
  const wav = (name: string) => path.join(fixtures, name);
  const header = 'event.externalId,event.recording';
  const texts = () =>
    query<{ text: string | null }>('select external_id, text from behavior_event order by external_id, occurred_at');

  it('become the texts of their events, scrubbed in narratives as what customers write is', async () => {
    await bought('c1', 'mug');
    await bought('c2', 'mug');
    await events(...calls);
    // Whoever is called High is not named.
    await customers({ externalId: 'c1', personalData: { name: 'High' } });
    const before = await facts();
    const report = await run(`${header}\ne1,${wav('16000.wav')}\ne2,${wav('8000.wav')}\n`, { kind: 'recordings' });
    expect(report).toMatchObject({ described: 1, leftAsTheyAre: 1, rowsRejected: 0, customersConcerned: 1 });
    expect(await texts()).toMatchObject([{ text: 'low high middle' }, { text: 'lovely' }, {}, {}, {}]);
    const after = await facts();
    expect(after.map((row, i) => row.facts !== before[i]!.facts)).toEqual([true, false, false]);
    const [row] = await computeFeatures(database.dataSource, { asOf: new Date('2024-06-01') });
    expect(row!.narrative.find(({ group }) => group === 'support')?.text).toContain('days ago: low middle.');
    const [early] = await computeFeatures(database.dataSource, { asOf: new Date('2024-05-20T10:00:00Z') });
    expect(early!.narrative.some(({ group }) => group === 'support')).toBe(false);
    await eraseCustomers(database.dataSource, ['c1'], 'default');
    expect(await texts()).not.toContainEqual(expect.objectContaining({ text: 'low high middle' }));
  });

  it('replace a text only on demand', async () => {
    await events(...calls);
    await run(`${header}\ne2,${wav('8000.wav')}\n`, { kind: 'recordings', again: true });
    expect((await texts())[1]).toMatchObject({ text: 'middle low' });
  });

  it('of events that are not there, are several, or have no words are listed', async () => {
    await events(...calls);
    const at = { 'event.occurredAt': 'at' };
    const rows = [
      `${header},at`,
      `e0,${wav('8000.wav')},`,
      `e3,${wav('8000.wav')},`,
      `twice,${wav('8000.wav')},`,
      `twice,${wav('8000.wav')},2024-05-24`,
      `twice,${wav('8000.wav')},2024-05-25`,
      `twice,${wav('8000.wav')},yesterday`,
      `e1,${wav('expected.json')},`,
    ];
    const report = await run(rows.join('\n'), { kind: 'recordings', columns: at });
    expect(report.described).toBe(1);
    expect(Object.keys(report.rejections).sort()).toEqual([
      expect.stringMatching(/^"at" is not a date such as 2026-07-31.* or \+02:00$/),
      expect.stringContaining('"event.externalId" is an event of type BROWSE, whose text nothing reads'),
      '"event.externalId" is not an event of the source default at that instant: import events first',
      '"event.externalId" is not an event of the source default: import events first',
      '"event.externalId" stands for 2 events: map event.occurredAt, too',
      '"event.recording" is no WAV file; convert it: ffmpeg -i <file> -ac 1 -ar 16000 -c:a pcm_s16le <new file>.wav',
    ]);
    expect((await texts()).slice(3)).toMatchObject([{ text: null }, { text: 'middle low' }]);
  });

  it('are told apart by the instant in a column of its own name, which nobody maps', async () => {
    await events(...calls);
    const rows = [
      'event.externalId,Event.OccurredAt,event.recording',
      `twice,2024-05-23,${wav('16000.wav')}`,
      `twice,2024-05-24,${wav('8000.wav')}`,
      `e1,,${wav('8000.wav')}`,
    ];
    const report = await run(rows.join('\n'), { kind: 'recordings' });
    expect(report).toMatchObject({ described: 3, rowsRejected: 0 });
    expect((await texts()).slice(3)).toMatchObject([{ text: 'low high middle' }, { text: 'middle low' }]);
  });
});

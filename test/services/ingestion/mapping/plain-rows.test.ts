import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CopyBuffer } from '../../../../src/services/ingestion/staging/copy-buffer.js';
import { locateColumns } from '../../../../src/services/ingestion/mapping/mapping.js';
import { OrderRuns } from '../../../../src/services/ingestion/staging/order-runs.js';
import { PlainRows } from '../../../../src/services/ingestion/mapping/plain-rows.js';
import { presets } from '../../../../src/services/ingestion/mapping/presets.js';
import { RowMapper } from '../../../../src/services/ingestion/mapping/row-mapper.js';

const mapping = presets['online-retail'];
const header = 'Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country'.split(',');
const mapper = new RowMapper(mapping, locateColumns(mapping, header, 'f'), header);
const emptying = new RowMapper({ ...mapping, emptyValues: ['0', 'NULL'] }, locateColumns(mapping, header, 'f'), header);

/** The COPY text of the plain rows at the start of the text, and what is left of it. */
function take(text: string, by = mapper): { copied: string; left: string } {
  const output = new CopyBuffer();
  const rows = new PlainRows(by.plainTable(',')!, output, new OrderRuns());
  const block = Buffer.from(text);
  const end = rows.take(block, 0);
  return { copied: output.take().toString(), left: block.toString('utf8', end) };
}

/** Values as Postgres reads them: `2024-01-01 10:00:00Z` is the same as `2024-01-01T10:00:00.000Z`. */
const values = (line: string) =>
  line
    .slice(0, -1)
    .split('\t')
    .map((value) => (/^\d{4}-\d\d-\d\d/.test(value) ? new Date(value).toISOString() : value))
    .map((value) => (/^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value));

const mostly = (usual: string, ...others: string[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
const text = mostly(
  'b',
  '',
  'a',
  ' a b ',
  'é',
  'aé',
  '"q"',
  'a\\b',
  'a\tb',
  '007',
  'POST',
  '0',
  ' NULL ',
  '5.81235E+18',
  '2E+12',
  '2e+12',
  '5.8',
  '\u00a0x',
  'x\r',
  '\0',
  'n'.repeat(501),
  'n'.repeat(1001),
);
const amount = mostly('1', '-2.50', '1,5', '+3', '.5', '5.', '1e3', '9999999999', '12345678901', 'x', '', ' 7 ');
const pieces = mostly('1', '-1', '1.0', '1000000', '1000001', '999999', '2.5', '', 'y', '+1');
const date = mostly(
  '2024-02-29',
  '2023-02-29',
  '2024-01-05 10:00',
  '2024-01-05T23:59:59',
  '2024-01-05 24:00:00',
  '2024-13-01',
  '1969-12-31',
  '2999-01-01 10:00',
  '2024-01-05 10:00:00Z',
  '2024-01-05 10+02',
  '2024-01-05 10:00+02',
  '20240105',
  '2024-1-5',
  '2024-01-05 10:60',
  '',
);
const row = fc.tuple(text, text, text, pieces, date, amount, text, text);

describe('plain rows', () => {
  it.each([
    ['', mapper],
    [' where some values mean empty', emptying],
  ])('become what the mapper makes of them%s; what it would reject is left to it', (_, by) => {
    let taken = 0;
    fc.assert(
      fc.property(row, (fields) => {
        const { copied } = take(`${fields.join(',')}\n`, by);
        const mapped = by.map({ line: 1, fields });
        if (copied !== '') taken++;
        return copied === '' || isDeepStrictEqual(values(copied).slice(0, -2), values(String(mapped)));
      }),
      { numRuns: 1_500, seed: 1 },
    );
    expect(taken).toBeGreaterThan(200);
  });

  it('count lines, and orders by runs of the same id; the first other row stops them', () => {
    const line = (order: string) => `${order},S,Mug,1,2024-01-05,2,C,Chile`;
    const lines = [
      line('1'),
      line('1'),
      '',
      line('2'),
      line('1').replace('\r', ''),
      `${line('3')}\r`,
      '4,"S"',
      line('5'),
    ];
    const { copied, left } = take(`${lines.join('\n')}\n`);
    expect(copied.match(/^\d+|\d+\t\d+$/gm)).toEqual(['1', '1\t1', '2', '1\t2', '4', '2\t1', '5', '3\t1', '6', '4\t1']);
    expect(left).toBe(`4,"S"\n${line('5')}\n`);
  });

  it('are written whole where they outgrow the buffer', () => {
    const name = 'x'.repeat(1_000);
    const { copied, left } = take(`1,S,${name},1,2024-01-05,2,C,Chile\n`.repeat(800));
    expect(left).toBe('');
    const lines = copied.split('\n').slice(0, -1);
    expect(lines.map((line) => Number.parseInt(line))).toEqual(Array.from({ length: 800 }, (_, i) => i + 1));
    expect(lines.every((line) => line.includes(`\t${name}\t`))).toBe(true);
  });
});

import Papa from 'papaparse';
import { describe, expect, it, vi } from 'vitest';
import type { CsvFormat } from '../../../../src/services/ingestion/files/csv-reader.js';
import { openCsv } from '../../../../src/services/ingestion/files/csv-table.js';
import { withLineFeeds } from '../../../../src/services/ingestion/files/line-ends.js';
import type { Row } from '../../../../src/services/ingestion/files/row-source.js';
import { TextDecoding } from '../../../../src/services/ingestion/files/text-decoding.js';

async function* blocksOf(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function read(
  text: string,
  size = text.length,
  format: CsvFormat = {},
): Promise<{ header: string[]; rows: Row[] }> {
  const lines = new TextDecoding('f.csv', 'auto').lines(blocksOf(text, size));
  const { header, reader, blocks } = await openCsv('f.csv', lines, format);
  const rows: Row[] = [];
  for await (const block of blocks) rows.push(...reader.push(withLineFeeds(block.toString())));
  return { header: [...header], rows: [...rows, ...reader.end()] };
}

describe('openCsv', () => {
  const tricky = 'a,b\n1,"x\ny"\n\n2,"say ""hi"", then\n\nleave"\n3,\n"4","z"';

  it('gives each row the line on which it starts, past quoted line breaks and empty lines', async () => {
    expect(await read(tricky)).toEqual({
      header: ['a', 'b'],
      rows: [
        { line: 2, fields: ['1', 'x\ny'] },
        { line: 5, fields: ['2', 'say "hi", then\n\nleave'] },
        { line: 8, fields: ['3', ''] },
        { line: 9, fields: ['4', 'z'] },
      ],
    });
  });

  it('skips rows without any value, as spreadsheets write empty ones', async () => {
    const { rows } = await read('a;b\n;\n1;2\n ;""\n\n3;\n;;;\n');
    expect(rows).toEqual([
      { line: 3, fields: ['1', '2'] },
      { line: 6, fields: ['3', ''] },
    ]);
  });

  it('reads the same wherever the blocks are cut', async () => {
    const whole = await read(tricky);
    for (let size = 1; size < tricky.length; size++) expect(await read(tricky, size)).toEqual(whole);
  });

  it.each([
    ['a;b;c\n1,5;2;3', ';'],
    ['a\tb\n1\t2', '\t'],
    ['a|b\n1|2', '|'],
    ['"x,y";b\n1;2', ';'],
  ])('finds the delimiter of %j', async (text, delimiter) => {
    const { rows } = await read(text);
    expect(rows[0]!.fields).toEqual(text.split('\n')[1]!.split(delimiter));
  });

  it('finds the delimiter of a header that begins with a line break within quotes', async () => {
    expect(await read('\n"Order, as in\nthe ""shop""";"Date\n(UTC)";Total\n1;2;3\n')).toEqual({
      header: ['Order, as in\nthe "shop"', 'Date\n(UTC)', 'Total'],
      rows: [{ line: 5, fields: ['1', '2', '3'] }],
    });
  });

  it('takes quotes as they stand where nothing is enclosed in them, wherever the blocks are cut', async () => {
    const text = 'id\t"name\n1\t"Pro cable\n2\t19" screen\n\n3\t"a"\n4\t"\n5\tplain';
    const whole = await read(text, text.length, { plainQuotes: true });
    expect(whole).toEqual({
      header: ['id', '"name'],
      rows: [
        { line: 2, fields: ['1', '"Pro cable'] },
        { line: 3, fields: ['2', '19" screen'] },
        { line: 5, fields: ['3', '"a"'] },
        { line: 6, fields: ['4', '"'] },
        { line: 7, fields: ['5', 'plain'] },
      ],
    });
    for (let size = 1; size < text.length; size++) expect(await read(text, size, { plainQuotes: true })).toEqual(whole);
  });

  it('gives up only the line of a stray quote, not what follows it', async () => {
    const { rows } = await read('a,b\n1,"5" screen\n2,ok\n3,"never closed\n4,fine\n5,"good"\n');
    expect(rows.map(({ line, fields, malformed }) => [line, fields[0], malformed !== undefined])).toEqual([
      [2, '1,"5" screen', true],
      [3, '2', false],
      [4, '3,"never closed', true],
      [5, '4', false],
      [6, '5', false],
    ]);
  });

  it('gives up a quote that is not closed within a megabyte without reading the file into it', async () => {
    const rest = Array.from({ length: 150_000 }, (_, index) => `${index},plain`).join('\n');
    const { rows } = await read(`a,b\nx,"open\n${rest}\n`, 65_536);
    expect(rows).toHaveLength(150_001);
    expect(rows[0]).toMatchObject({ line: 2, malformed: expect.any(String) });
    expect(rows.at(-1)).toEqual({ line: 150_002, fields: ['149999', 'plain'] });
  });

  it.each([
    ['text behind a quote', 'id,"5" screw",2\n'],
    ['a quote that is not closed', 'id,"screw,2\n'],
    ['a quote and nothing else', 'id,"\n'],
    ['one bad line among good ones', `${'id,"a screw",2\n'.repeat(40)}id,"5" screw",2\n`],
    ['a cell of many lines', `id,"${'a line\n'.repeat(2_000)}",2\n`],
  ])('reads malformed rows without parsing the rest of a block again for each: %s', async (_name, lines) => {
    const { Parser } = Papa;
    let parsed = 0;
    const counting = vi.spyOn(Papa, 'Parser').mockImplementation(function (config) {
      const parser = new Parser(config);
      const parse = (input: string, ...rest: [number, boolean]) => {
        parsed += input.length;
        return parser.parse(input, ...rest) as unknown;
      };
      return { ...parser, parse };
    });
    const text = `a,b,c\n${lines.repeat(Math.ceil(300_000 / lines.length))}`;
    const { rows } = await read(text, 65_536);
    counting.mockRestore();
    expect(rows.length).toBeGreaterThan(1);
    expect(parsed).toBeLessThan(6 * text.length);
  });

  it('reads a header that is never closed once only, until it gives it up', async () => {
    const parser = vi.spyOn(Papa, 'Parser');
    await expect(read(`"a,b\n${'x\n'.repeat(600_000)}`, 65_536)).rejects.toMatchObject({ code: 'IMPORT_INVALID' });
    expect(parser.mock.calls.length).toBeLessThan(100);
    parser.mockRestore();
  });

  it('wants a header line', async () => {
    await expect(read('\n \n')).rejects.toMatchObject({ code: 'IMPORT_INVALID' });
  });
});

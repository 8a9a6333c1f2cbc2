import { describe, expect, it } from 'vitest';
import { openCsv, withLineFeeds } from '../../../src/services/ingestion/csv-reader.js';
import type { Row } from '../../../src/services/ingestion/row-source.js';
import { TextDecoding } from '../../../src/services/ingestion/text-decoding.js';

async function* blocksOf(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function read(text: string, size = text.length, delimiter?: string): Promise<{ header: string[]; rows: Row[] }> {
  const lines = new TextDecoding('f.csv', 'auto').lines(blocksOf(text, size));
  const { header, reader, blocks } = await openCsv('f.csv', lines, delimiter);
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

  it('wants a header line', async () => {
    await expect(read('\n \n')).rejects.toMatchObject({ code: 'IMPORT_INVALID' });
  });
});

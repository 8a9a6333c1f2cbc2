import { describe, expect, it } from 'vitest';
import type { FileEncoding } from '../../../../src/services/ingestion/import.types.js';
import { withLineFeeds } from '../../../../src/services/ingestion/files/line-ends.js';
import { TextDecoding } from '../../../../src/services/ingestion/files/text-decoding.js';

async function* blocksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function decode(bytes: Buffer, size: number, encoding: FileEncoding = 'auto'): Promise<[string, number]> {
  const decoding = new TextDecoding('f', encoding);
  let text = '';
  for await (const lines of decoding.lines(blocksOf(bytes, size))) text += withLineFeeds(lines.toString('utf8'));
  return [text, decoding.linesInWindows1252];
}

const swapped = (bytes: Buffer) => Buffer.from(bytes).swap16();
const utf16 = Buffer.from('\uFEFFname\r\nŽofie 😀\r\n', 'utf16le');

describe('TextDecoding', () => {
  it.each<[string, Buffer, string, number]>([
    ['UTF-8', Buffer.from('a\nmüll €\n'), 'a\nmüll €\n', 0],
    ['UTF-8 with byte order mark', Buffer.from('\uFEFFa\r\nmüll\r\n'), 'a\nmüll\n', 0],
    ['line ends of every sort', Buffer.from('a\r\nb\rc\n\r\nd\r'), 'a\nb\nc\n\nd\n', 0],
    ['old Macintosh line ends', Buffer.from('a\rb\rc'), 'a\nb\nc\n', 0],
    ['Latin-1', Buffer.from('a\nmüll\n', 'latin1'), 'a\nmüll\n', 1],
    ['Windows-1252', Buffer.from([0x80, 0x20, 0x93, 0x0a]), '€ “\n', 1],
    ['both behind a mark', Buffer.concat([Buffer.from('\uFEFFé\n'), Buffer.from('é\n', 'latin1')]), 'é\né\n', 1],
    ['both in one file', Buffer.concat([Buffer.from('é\n'), Buffer.from('é\nplain\n', 'latin1')]), 'é\né\nplain\n', 1],
    ['UTF-16, little end first', utf16, 'name\nŽofie 😀\n', 0],
    ['UTF-16, big end first', swapped(utf16), 'name\nŽofie 😀\n', 0],
  ])('reads %s, wherever the blocks are cut', async (_, bytes, text, linesInWindows1252) => {
    // The byte order mark, of up to 3 bytes, is looked for in the first block, as files are read in large ones.
    for (let size = 3; size <= bytes.length; size++)
      expect(await decode(bytes, size)).toEqual([text, linesInWindows1252]);
  });

  it('knows UTF-16 by its zeros where it has no mark', async () => {
    const unmarked = utf16.subarray(2);
    for (let size = 4; size <= unmarked.length; size++) {
      expect(await decode(unmarked, size)).toEqual(['name\nŽofie 😀\n', 0]);
      expect(await decode(swapped(unmarked), size)).toEqual(['name\nŽofie 😀\n', 0]);
    }
  });

  it('takes the encoding that it is told', async () => {
    expect(await decode(Buffer.from([0xc3, 0xa9, 0x0a]), 8, 'windows-1252')).toEqual(['Ã©\n', 0]);
  });

  it.each<[FileEncoding, string, string]>([
    ['windows-1251', 'c7e0eae0e70a', 'Заказ\n'],
    ['shift_jis', '955c8f5c0a', '表十\n'],
    ['gbk', 'b6a9b5a50a', '订单\n'],
  ])('reads %s, wherever the blocks are cut', async (encoding, bytes, text) => {
    for (let size = 1; size <= bytes.length / 2; size++) {
      expect(await decode(Buffer.from(bytes, 'hex'), size, encoding)).toEqual([text, 0]);
    }
  });

  it('refuses what is not the Shift-JIS that it is told to be', async () => {
    const cut = Buffer.from('950a', 'hex');
    await expect(decode(cut, 8, 'shift_jis')).rejects.toThrow('f is not valid shift_jis. Leave the encoding out');
  });

  it('refuses what is not the UTF-8 that it is told to be', async () => {
    const latin1 = Buffer.from('Müller\nMöller\n', 'latin1');
    await expect(decode(latin1, 8, 'utf-8')).rejects.toMatchObject({
      code: 'IMPORT_INVALID',
      message: expect.stringContaining('f is not valid utf-8. Leave the encoding out'),
    });
    await expect(decode(Buffer.from('a\né').subarray(0, -1), 8, 'utf-8')).rejects.toMatchObject({
      code: 'IMPORT_INVALID',
    });
  });

  it('refuses what has no lines', async () => {
    const bytes = Buffer.alloc(5 * 1024 * 1024, 'x');
    await expect(decode(bytes, 1024 * 1024)).rejects.toMatchObject({ code: 'IMPORT_INVALID' });
  });
});

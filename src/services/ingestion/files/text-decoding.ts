import { isUtf8 } from 'node:buffer';
import { ClvError } from '../../../errors.js';
import type { FileEncoding } from '../import.types.js';
import { carriageReturn, lineFeed } from './line-ends.js';

const markOfUtf8 = Buffer.of(0xef, 0xbb, 0xbf);
const maximumLineBytes = 4 * 1024 * 1024;

/**
 * Turns a file's bytes, in blocks that are cut anywhere, into whole lines of UTF-8.
 *
 * With `auto`, UTF-16 is recognised by its byte order mark or its zeros. Otherwise each line is read as UTF-8 if it is valid UTF-8, and as
 * Windows-1252 (which includes the letters of Latin-1) if not: files joined from exports of several systems have both.
 */
export class TextDecoding {
  /** Lines that were read as Windows-1252 because they were not valid UTF-8. */
  linesInWindows1252 = 0;

  constructor(
    private readonly path: string,
    private readonly encoding: FileEncoding,
  ) {}

  /** The lines with their line ends; the last line gets one if it has none. */
  async *lines(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const { encoding, rest } = await this.begin(blocks);
    const isLineWise = encoding === 'auto';
    let pending: Buffer = Buffer.alloc(0);
    for await (const block of isLineWise ? rest : this.decodeAs(encoding, rest)) {
      const bytes = pending.length > 0 ? Buffer.concat([pending, block]) : block;
      const end = endOfLastLine(bytes);
      pending = bytes.subarray(end);
      this.refuseEndlessLine(pending);
      if (end > 0) yield isLineWise ? this.validLines(bytes.subarray(0, end)) : bytes.subarray(0, end);
    }
    if (pending.length === 0) return;
    const last = Buffer.concat([pending, Buffer.of(lineFeed)]);
    yield isLineWise ? this.validLines(last) : last;
  }

  /** The encoding (`auto`: line by line), and the bytes without a byte order mark. */
  private async begin(blocks: AsyncIterable<Buffer>): Promise<{ encoding: FileEncoding; rest: AsyncIterable<Buffer> }> {
    const [first, rest] = await takeFirst(blocks);
    if (this.encoding !== 'auto') return { encoding: this.encoding, rest: prepend(first, rest) };
    const marked = encodingOfMark(first);
    if (marked !== 'utf-8') return { encoding: marked ?? 'auto', rest: prepend(first, rest) };
    return { encoding: 'auto', rest: prepend(first.subarray(markOfUtf8.length), rest) };
  }

  private async *decodeAs(encoding: FileEncoding, blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    // Invalid bytes are an error: with replacement characters, ids that differ in letters beyond ASCII would become one.
    const decoder = new TextDecoder(encoding, { fatal: !encoding.startsWith('utf-16') });
    for await (const block of blocks) yield this.decoded(encoding, () => decoder.decode(block, { stream: true }));
    yield this.decoded(encoding, () => decoder.decode());
  }

  private decoded(encoding: FileEncoding, decode: () => string): Buffer {
    try {
      return Buffer.from(decode());
    } catch (cause) {
      throw new ClvError(
        'IMPORT_INVALID',
        `${this.path} is not valid ${encoding}. Leave the encoding out: lines that are not UTF-8 are then read as Windows-1252.`,
        { cause },
      );
    }
  }

  private refuseEndlessLine(pending: Buffer): void {
    if (pending.length <= maximumLineBytes) return;
    throw new ClvError('IMPORT_INVALID', `${this.path} has a line of over 4 MiB: it is not a text table.`);
  }

  private validLines(lines: Buffer): Buffer {
    if (isUtf8(lines)) return lines;
    const lineEnd = lines.includes(lineFeed) ? lineFeed : carriageReturn;
    const parts: string[] = [];
    for (let start = 0; start < lines.length;) {
      const found = lines.indexOf(lineEnd, start);
      const end = found < 0 ? lines.length : found + 1;
      parts.push(this.decodeLine(lines.subarray(start, end)));
      start = end;
    }
    return Buffer.from(parts.join(''));
  }

  private decodeLine(line: Buffer): string {
    if (isUtf8(line)) return line.toString('utf8');
    this.linesInWindows1252++;
    return new TextDecoder('windows-1252').decode(line);
  }
}

/** Position after the last line break. A lone \r counts only where there is no \n at all, and never as the last byte. */
function endOfLastLine(bytes: Buffer): number {
  const last = bytes.lastIndexOf(lineFeed);
  return (last >= 0 ? last : bytes.lastIndexOf(carriageReturn, -2)) + 1;
}

function encodingOfMark(bytes: Buffer): FileEncoding | undefined {
  if (bytes.subarray(0, markOfUtf8.length).equals(markOfUtf8)) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  // In a header without a mark every other byte is 0.
  const zeros = Array.from(bytes.subarray(0, 4), (byte) => byte === 0).join();
  if (zeros === 'false,true,false,true') return 'utf-16le';
  if (zeros === 'true,false,true,false') return 'utf-16be';
  return undefined;
}

async function takeFirst(blocks: AsyncIterable<Buffer>): Promise<[Buffer, AsyncIterator<Buffer>]> {
  const iterator = blocks[Symbol.asyncIterator]();
  const first = await iterator.next();
  return [first.done ? Buffer.alloc(0) : first.value, iterator];
}

/** A block, unless it is empty, and then what the iterator has left. */
export async function* prepend(first: Buffer, iterator: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
}

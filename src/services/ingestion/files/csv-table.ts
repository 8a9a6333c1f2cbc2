import { ClvError } from '../../../errors.js';
import { type CsvFormat, CsvReader } from './csv-reader.js';
import { carriageReturn, endOfLine, lineFeed, withLineFeeds } from './line-ends.js';
import type { Row } from './row-source.js';
import { prepend } from './text-decoding.js';

/** A CSV file whose header line was read. */
export interface CsvTable {
  readonly header: readonly string[];
  /** Has read the header: it knows the delimiter and which line comes next. */
  readonly reader: CsvReader;
  /** UTF-8, each block ended by a line end. */
  readonly blocks: AsyncIterable<Buffer>;
}

/**
 * Reads the header line.
 * @param blocks UTF-8, each block ended by a line end
 * @param format its delimiter is found from the header line where not given
 * @throws ClvError IMPORT_INVALID when there is no header line
 */
export async function openCsv(path: string, blocks: AsyncIterable<Buffer>, format: CsvFormat): Promise<CsvTable> {
  const reader = new CsvReader(format);
  const iterator = blocks[Symbol.asyncIterator]();
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    for (let start = 0; start < next.value.length;) {
      const end = endOfHeaderLine(next.value, start);
      const [header] = reader.push(withLineFeeds(next.value.toString('utf8', start, end)));
      start = end;
      if (header) return tableOf(path, header, reader, prepend(next.value.subarray(start), iterator));
    }
  }
  const [header] = reader.end();
  if (header) return tableOf(path, header, reader, prepend(Buffer.alloc(0), iterator));
  throw new ClvError('IMPORT_INVALID', `${path} has no header line.`);
}

function tableOf(path: string, header: Row, reader: CsvReader, blocks: AsyncIterable<Buffer>): CsvTable {
  if (header.malformed) throw new ClvError('IMPORT_INVALID', `${path}${refusalOf(header)}`);
  return { header: header.fields, reader, blocks };
}

/** Why a malformed header is refused. A record of JSON lines is malformed CSV, since it has text after closing quotes. */
function refusalOf({ fields, malformed }: Row): string {
  return fields[0]?.trimStart().startsWith('{')
    ? ' is JSON: write its records as a CSV table with a header line.'
    : `: the header line ${malformed}.`;
}

/** The end of the header line, for any sort of line ends, since it is not yet known which the file has. */
function endOfHeaderLine(block: Buffer, start: number): number {
  const end = endOfLine(block, start);
  const found = block.subarray(start, end).indexOf(carriageReturn);
  if (found < 0) return end;
  const behind = start + found + 1;
  return block[behind] === lineFeed ? behind + 1 : behind;
}

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

/** What files of other formats begin with, and what is to be done with them. */
const notTables: readonly (readonly [start: RegExp, refusal: string])[] = [
  [
    /^\s*(\{\s*("|$)|\[\s*(\{|$))/,
    " is JSON: write its records as a CSV table with a header line, in DuckDB by copy (from 'x.json') to 'x.csv'.",
  ],
  [/^\s*<(!doctype|\?xml|html|table)/i, ' is HTML or XML: open it in a spreadsheet, and save its table as CSV.'],
];

/** How many lines a report may have above its header. */
const linesAboveHeader = 50;

/**
 * Reads the header line: the first line, unless one of the next ones lacks fewer columns, since reports have titles and notes above their
 * tables, and Excel a line `sep=;`.
 * @param blocks UTF-8, each block ended by a line end
 * @param format its delimiter is found from the header line where not given
 * @param lacking how many of the wanted columns a header lacks
 * @throws ClvError IMPORT_INVALID when there is no header line
 */
export async function openCsv(
  path: string,
  blocks: AsyncIterable<Buffer>,
  format: CsvFormat,
  lacking: (header: readonly string[]) => number = () => 0,
): Promise<CsvTable> {
  const reader = new CsvReader(format);
  const iterator = blocks[Symbol.asyncIterator]();
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    const block: Buffer = next.value;
    for (let start = 0; start < block.length;) {
      const end = endOfHeaderLine(block, start);
      const [header] = reader.push(textOf(block, start, end));
      start = end;
      if (!header) continue;
      const rest = block.subarray(start);
      const lower = lowerHeader(rest, { above: header, line: reader.line, format, lacking });
      if (lower) return { ...lower, blocks: prepend(lower.rest, iterator) };
      return tableOf(path, header, reader, prepend(rest, iterator));
    }
  }
  const [header] = reader.end();
  if (header) return tableOf(path, header, reader, prepend(Buffer.alloc(0), iterator));
  throw new ClvError('IMPORT_INVALID', `${path} has no header line.`);
}

interface Lower {
  readonly above: Row;
  /** Of the block's first line. */
  readonly line: number;
  readonly format: CsvFormat;
  readonly lacking: (header: readonly string[]) => number;
}

/** The line of a block that lacks fewer columns than the row above and all other lines, and what follows it; null where there is none. */
function lowerHeader(
  block: Buffer,
  { above, line, format, lacking }: Lower,
): { header: readonly string[]; reader: CsvReader; rest: Buffer } | null {
  let fewest = lacking(above.fields);
  let found: ReturnType<typeof lowerHeader> = null;
  for (let start = 0, i = 0; fewest > 0 && i < linesAboveHeader && start < block.length; i++) {
    const reader = new CsvReader(format);
    reader.line = line + i;
    const end = endOfHeaderLine(block, start);
    const [header] = reader.push(textOf(block, start, end));
    start = end;
    if (!header || lacking(header.fields) >= fewest) continue;
    fewest = lacking(header.fields);
    found = { header: header.fields, reader, rest: block.subarray(start) };
  }
  return found;
}

const textOf = (block: Buffer, start: number, end: number): string => withLineFeeds(block.toString('utf8', start, end));

function tableOf(path: string, header: Row, reader: CsvReader, blocks: AsyncIterable<Buffer>): CsvTable {
  const text = header.fields[0] ?? '';
  const refusal =
    notTables.find(([start]) => start.test(text))?.[1] ??
    (header.malformed && `: the header line ${header.malformed}.`);
  if (refusal) throw new ClvError('IMPORT_INVALID', `${path}${refusal}`);
  return { header: header.fields, reader, blocks };
}

/** The end of the header line, for any sort of line ends, since it is not yet known which the file has. */
function endOfHeaderLine(block: Buffer, start: number): number {
  const end = endOfLine(block, start);
  const found = block.subarray(start, end).indexOf(carriageReturn);
  if (found < 0) return end;
  const behind = start + found + 1;
  return block[behind] === lineFeed ? behind + 1 : behind;
}

import Papa from 'papaparse';
import { ClvError } from '../../errors.js';
import type { Row, RowSource } from './row-source.js';

const delimiters = [',', ';', '\t', '|'];
/** A longer row means a quote that is never closed. */
const maximumRowLength = 1024 * 1024;

interface Parsed {
  readonly data: string[][];
  readonly errors: { readonly row?: number }[];
  readonly meta: { readonly cursor: number };
}

/**
 * Reads CSV as in RFC 4180, quoted line breaks included, with the lines on which rows start.
 * @param text lines ended by `\n`, cut anywhere
 * @param delimiter found from the header line where not given
 * @throws ClvError IMPORT_INVALID when there is no header line
 */
export async function readCsv(
  path: string,
  text: AsyncIterable<string>,
  delimiter: string | undefined,
): Promise<RowSource> {
  const batches = new CsvReader(text, delimiter).batches();
  for (let next = await batches.next(); !next.done; next = await batches.next()) {
    const [header, ...rest] = next.value;
    if (!header) continue;
    if (header.malformed) throw new ClvError('IMPORT_INVALID', `${path}: the header line ${header.malformed}.`);
    return { header: header.fields, batches: withFirst(rest, batches) };
  }
  throw new ClvError('IMPORT_INVALID', `${path} has no header line.`);
}

async function* withFirst(first: readonly Row[], rest: AsyncIterable<readonly Row[]>): AsyncGenerator<readonly Row[]> {
  yield first;
  yield* rest;
}

class CsvReader {
  private line = 1;
  private pending = '';

  constructor(
    private readonly text: AsyncIterable<string>,
    private delimiter: string | undefined,
  ) {}

  async *batches(): AsyncGenerator<readonly Row[]> {
    for await (const block of this.text) {
      this.pending += block;
      if (this.pending.includes('\n')) yield this.take(false);
    }
    yield this.take(true);
  }

  /** Takes all complete rows from what is pending, at the end of the file the last one too. */
  private take(atEnd: boolean): Row[] {
    const rows: Row[] = [];
    for (;;) {
      this.delimiter ??= likelyDelimiter(this.pending);
      const parsed = parse(this.pending, this.delimiter, !atEnd);
      const broken = parsed.errors[0]?.row ?? parsed.data.length;
      if (broken < parsed.data.length) {
        this.addRows(rows, parsed.data.slice(0, broken));
        this.advance(broken === 0 ? 0 : parse(this.pending, this.delimiter, !atEnd, broken).meta.cursor);
        rows.push(this.takeMalformedLine());
        continue;
      }
      this.addRows(rows, parsed.data);
      this.advance(parsed.meta.cursor);
      if (atEnd || this.pending.length < maximumRowLength) return rows;
      rows.push(this.takeMalformedLine());
    }
  }

  private addRows(rows: Row[], parsed: string[][]): void {
    for (const fields of parsed) {
      const { line } = this;
      this.line += 1 + lineBreaks(fields);
      if (fields.length > 1 || fields[0]?.trim()) rows.push({ line, fields });
    }
  }

  private advance(characters: number): void {
    this.pending = this.pending.slice(characters);
  }

  /** Gives up one line only: what follows a stray quote is read again as rows of its own. */
  private takeMalformedLine(): Row {
    const found = this.pending.indexOf('\n');
    const end = found < 0 ? this.pending.length : found;
    const content = this.pending.slice(0, end);
    this.advance(end + 1);
    return { line: this.line++, fields: [content], malformed: 'has a quote that is not closed, or text behind one' };
  }
}

function parse(input: string, delimiter: string, ignoreLastRow: boolean, preview = 0): Parsed {
  return new Papa.Parser({ delimiter, newline: '\n', preview }).parse(input, 0, ignoreLastRow) as Parsed;
}

function lineBreaks(fields: readonly string[]): number {
  let count = 0;
  for (const field of fields) {
    for (let at = field.indexOf('\n'); at >= 0; at = field.indexOf('\n', at + 1)) count++;
  }
  return count;
}

/** The one that parts the first line into most columns. */
function likelyDelimiter(text: string): string {
  const firstLine = text.trimStart().split('\n', 1)[0]!;
  const columns = (delimiter: string) => parse(firstLine, delimiter, false).data[0]?.length ?? 0;
  return delimiters.reduce((best, next) => (columns(next) > columns(best) ? next : best));
}

import Papa from 'papaparse';
import type { ImportMapping } from '../import.types.js';
import type { Row } from './row-source.js';

const delimiters = [',', ';', '\t', '|'];
/** A longer row means a quote that is never closed. */
const maximumRowLength = 1024 * 1024;

interface Parsed {
  readonly data: string[][];
  readonly errors: { readonly row?: number }[];
  readonly meta: { readonly cursor: number };
}

/** What a mapping says of a file's rows. */
export type CsvFormat = Pick<ImportMapping, 'delimiter' | 'plainQuotes'>;

/** Reads CSV as in RFC 4180, quoted line breaks included, with the lines on which rows start. */
export class CsvReader {
  /** Of the next row. */
  line = 1;
  private pending = '';
  /** What is pending is parsed at once up to the line end behind this many characters. */
  private reach = Infinity;
  private foundDelimiter = delimiters[0]!;
  private hasGivenRows = false;

  constructor(private readonly format: CsvFormat) {}

  /** Known from the first row on. */
  get delimiter(): string {
    return this.format.delimiter ?? this.foundDelimiter;
  }

  /** Whether no row is begun. */
  get isIdle(): boolean {
    return this.pending === '';
  }

  /** The rows that text ended by `\n` completes. */
  push(text: string): Row[] {
    // A row that goes on is within quotes: without one that may close them, it goes on further.
    const goesOn = !this.isIdle && !mayCloseQuotes(text);
    this.pending += text;
    if (goesOn && this.pending.length < maximumRowLength) return [];
    if (!this.hasGivenRows && this.pending.trim() !== '') this.foundDelimiter = this.likelyDelimiter(this.pending);
    const rows = this.take(false);
    this.hasGivenRows ||= rows.length > 0;
    return rows;
  }

  /** At the end of the file: what is left. */
  end(): Row[] {
    return this.isIdle ? [] : this.take(true);
  }

  /** A row that begins and ends on this line, while no row is begun; none of an empty line; null where it goes on. */
  single(line: string): Row | 'empty' | null {
    if (line.includes('\n') || line.includes('\r')) return null;
    const isQuoted = !this.format.plainQuotes && line.includes('"');
    const fields = isQuoted ? this.fieldsOf(line) : line.split(this.delimiter);
    if (!fields) return null;
    const row = { line: this.line++, fields };
    return isEmpty(fields) ? 'empty' : row;
  }

  /**
   * Takes all complete rows from what is pending, at the end of the file the last one too. Behind a malformed line it
   * parses one line, then two, four and so on: each malformed line would otherwise cost a whole block.
   */
  private take(atEnd: boolean): Row[] {
    const rows: Row[] = [];
    while (!this.isIdle) {
      const slice = this.nextSlice();
      const isAll = slice.length === this.pending.length;
      const parsed = this.parse(slice, this.delimiter, !(atEnd && isAll));
      // Of a row that is not complete, too: nothing that follows can mend it.
      const broken = parsed.errors[0]?.row;
      if (broken !== undefined) {
        this.addRows(rows, parsed.data.slice(0, broken));
        this.advance(broken === 0 ? 0 : this.parse(slice, this.delimiter, true, broken).meta.cursor);
        rows.push(this.takeMalformedLine());
        continue;
      }
      this.addRows(rows, parsed.data);
      this.advance(parsed.meta.cursor);
      this.reach = 2 * slice.length;
      if (!isAll || this.isIdle) continue;
      if (this.pending.length < maximumRowLength) break;
      rows.push(this.takeMalformedLine());
    }
    return rows;
  }

  private nextSlice(): string {
    const found = this.pending.indexOf('\n', this.reach);
    return found < 0 ? this.pending : this.pending.slice(0, found + 1);
  }

  private addRows(rows: Row[], parsed: string[][]): void {
    for (const fields of parsed) {
      const { line } = this;
      this.line += 1 + lineBreaks(fields);
      if (!isEmpty(fields)) rows.push({ line, fields });
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
    this.reach = 0;
    return { line: this.line++, fields: [content], malformed: 'has a quote that is not closed, or text behind one' };
  }

  private parse(input: string, delimiter: string, ignoreLastRow: boolean, preview = 0): Parsed {
    // The fast mode knows no quotes; the parser takes it anyway where there are none.
    const quotes = this.format.plainQuotes ? { fastMode: true } : {};
    return new Papa.Parser({ delimiter, newline: '\n', preview, ...quotes }).parse(input, 0, ignoreLastRow) as Parsed;
  }

  /** Of a line that is a whole row, and well formed. */
  private fieldsOf(line: string): string[] | null {
    const { data, errors } = this.parse(line, this.delimiter, false);
    return errors.length === 0 && data.length === 1 ? data[0]! : null;
  }

  /** The one that parts the first row, as far as it is there, into most columns. */
  private likelyDelimiter(text: string): string {
    const start = text.trimStart();
    const columns = (delimiter: string) => this.parse(start, delimiter, false, 1).data[0]?.length ?? 0;
    return delimiters.reduce((best, next) => (columns(next) > columns(best) ? next : best));
  }
}

/** Of text within quotes: quotes in pairs stand for quotes. */
function mayCloseQuotes(text: string): boolean {
  return text.match(/"+/g)?.some(({ length }) => length % 2 === 1) ?? false;
}

function isEmpty(fields: readonly string[]): boolean {
  return fields.length <= 1 && !fields[0]?.trim();
}

function lineBreaks(fields: readonly string[]): number {
  let count = 0;
  for (const field of fields) {
    for (let at = field.indexOf('\n'); at >= 0; at = field.indexOf('\n', at + 1)) count++;
  }
  return count;
}

import Papa from 'papaparse';
import type { ImportMapping } from '../import.types.js';
import type { Row } from './row-source.js';

const delimiters = [',', ';', '\t', '|'];
/** In a longer row, a quote was not closed. */
const maximumRowLength = 1024 * 1024;

interface Parsed {
  readonly data: string[][];
  readonly errors: { readonly row?: number }[];
  readonly meta: { readonly cursor: number };
}

/** What a mapping says of a file's rows. */
export type CsvFormat = Pick<ImportMapping, 'delimiter' | 'plainQuotes'>;

/** Reads CSV as in RFC 4180, quoted line breaks included, and notes on which line each row starts. */
export class CsvReader {
  /** Line of the next row, from 1. */
  line = 1;
  private pending = '';
  /** How many pending characters are parsed at once, rounded up to the end of the line. */
  private reach = Infinity;
  private foundDelimiter = delimiters[0]!;
  private hasGivenRows = false;

  constructor(private readonly format: CsvFormat) {}

  /** Known from the first row on. */
  get delimiter(): string {
    return this.format.delimiter ?? this.foundDelimiter;
  }

  /** Whether no row is incomplete. */
  get isIdle(): boolean {
    return this.pending === '';
  }

  /** Takes text that ends with `\n`. @returns the rows that it completes */
  push(text: string): Row[] {
    // An incomplete row is within quotes. It stays so unless the text has a quote that may close them.
    const goesOn = !this.isIdle && !mayCloseQuotes(text);
    this.pending += text;
    if (goesOn && this.pending.length < maximumRowLength) return [];
    if (!this.hasGivenRows && this.pending.trim() !== '') this.foundDelimiter = this.likelyDelimiter(this.pending);
    const rows = this.take(false);
    this.hasGivenRows ||= rows.length > 0;
    return rows;
  }

  /** The rows that are left at the end of the file. */
  end(): Row[] {
    return this.isIdle ? [] : this.take(true);
  }

  /** The row of a line, to be called while `isIdle`; `empty` for an empty row, null where the row does not end on it. */
  single(line: string): Row | 'empty' | null {
    if (line.includes('\n') || line.includes('\r')) return null;
    const isQuoted = !this.format.plainQuotes && line.includes('"');
    const fields = isQuoted ? this.fieldsOf(line) : line.split(this.delimiter);
    if (!fields) return null;
    const row = { line: this.line++, fields };
    return isEmpty(fields) ? 'empty' : row;
  }

  /**
   * Takes all complete rows from what is pending; at the end of the file the last one, too. After a malformed line it parses one line,
   * then two, four and so on: otherwise each malformed line would cost the parsing of a whole block.
   */
  private take(atEnd: boolean): Row[] {
    const rows: Row[] = [];
    while (!this.isIdle) {
      const slice = this.nextSlice();
      const isAll = slice.length === this.pending.length;
      const parsed = this.parse(slice, this.delimiter, !(atEnd && isAll));
      // Also of an incomplete row: nothing that follows can mend it.
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

  /** Rejects one line only: the lines after a stray quote are read again as rows of their own. */
  private takeMalformedLine(): Row {
    const found = this.pending.indexOf('\n');
    const end = found < 0 ? this.pending.length : found;
    const content = this.pending.slice(0, end);
    this.advance(end + 1);
    this.reach = 0;
    return { line: this.line++, fields: [content], malformed: 'has a quote that is not closed, or text behind one' };
  }

  private parse(input: string, delimiter: string, ignoreLastRow: boolean, preview = 0): Parsed {
    // The fast mode ignores quotes. The parser uses it by itself where there are none.
    const quotes = this.format.plainQuotes ? { fastMode: true } : {};
    return new Papa.Parser({ delimiter, newline: '\n', preview, ...quotes }).parse(input, 0, ignoreLastRow) as Parsed;
  }

  /** The fields of a line; null unless it is one whole, well-formed row. */
  private fieldsOf(line: string): string[] | null {
    const { data, errors } = this.parse(line, this.delimiter, false);
    return errors.length === 0 && data.length === 1 ? data[0]! : null;
  }

  /** The delimiter that splits the first row, as far as it is there, into most columns. */
  private likelyDelimiter(text: string): string {
    const start = text.trimStart();
    const columns = (delimiter: string) => this.parse(start, delimiter, false, 1).data[0]?.length ?? 0;
    return delimiters.reduce((best, next) => (columns(next) > columns(best) ? next : best));
  }
}

/** Whether text within quotes has a quote that may close them: two quotes stand for a quote of the text. */
function mayCloseQuotes(text: string): boolean {
  return text.match(/"+/g)?.some(({ length }) => length % 2 === 1) ?? false;
}

/** Spreadsheets write an empty row as delimiters alone. */
function isEmpty(fields: readonly string[]): boolean {
  return fields.every((field) => field.trim() === '');
}

function lineBreaks(fields: readonly string[]): number {
  let count = 0;
  for (const field of fields) {
    for (let at = field.indexOf('\n'); at >= 0; at = field.indexOf('\n', at + 1)) count++;
  }
  return count;
}

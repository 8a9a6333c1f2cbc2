import { dayOf } from '../../days.js';
import type { CopyBuffer } from './copy-buffer.js';
import { carriageReturn, lineFeed } from './line-ends.js';
import type { OrderRuns } from './order-runs.js';
import { maximumAmount } from './values.js';

export interface PlainColumn {
  readonly kind: 'id' | 'text' | 'decimal' | 'whole' | 'instant';
  readonly required: boolean;
  /** Bytes that a text may have. */
  readonly longest: number;
  /** What stands for an empty field. */
  readonly empties: readonly Buffer[];
}

export interface PlainTable {
  readonly delimiter: string;
  /** In the order of the file; null for a column that is not mapped. */
  readonly columns: readonly (PlainColumn | null)[];
  /** Positions of columns that are more than a value; -1 where there is none. */
  readonly order: number;
  readonly product: number;
  readonly quantity: number;
  readonly price: number;
  /** COPY text, a tab before each value, that every row has behind its columns. */
  readonly constants: string;
  /** COPY text, tab included, that is said of a product's code (empty: none) behind the constants. */
  readonly ofProduct: ((code: string) => string) | null;
}

const space = 0x20;
const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const colon = 0x3a;
const capitalT = 0x54;
const capitalE = 0x45;
const smallE = 0x65;
const capitalN = 0x4e;
const backslash = 0x5c;
const tab = 0x09;
const daysOfMonths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const firstYear = 1970;
/** Of whole numbers and of what stands before the point: far from the bounds of `values.ts`. */
const wholeDigits = 6;
const decimalDigits = 9;
/** Room for the row's numbers, and for what is said of its product. */
const numbersBytes = 64;
/** Of products: beyond that many different codes, texts are not kept. */
const keptProducts = 100_000;

/**
 * Turns plain rows of UTF-8 CSV into COPY text without making strings, several times faster than by way of strings. A
 * row is plain if it has as many columns as the header, no quote, no backslash, no control character, and values written
 * in the most usual way. Any other row is left to `CsvReader` and `RowMapper`, which alone reject: a plain row is one
 * that they would take, with values that mean the same to Postgres.
 */
export class PlainRows {
  /** Line of the next row. */
  line = 1;
  /** Rows taken. */
  count = 0;
  private readonly delimiter: number;
  private readonly constants: Buffer;
  private readonly productTexts = new Map<string, Buffer>();
  /** As yyyymmdd. What bears this day or a later one may lie in the future. */
  private readonly today = Number(dayOf(new Date()).replaceAll('-', ''));
  /** What is written behind a row's values fits into this many bytes. */
  private readonly tailBytes: number;
  // Of the field that was read last: its bounds, spaces around it left out, and the size of its number.
  private start = 0;
  private end = 0;
  private size = 0;
  // Of the row that is being read.
  private orderStart = 0;
  private orderEnd = 0;
  private productText: Buffer | null = null;

  constructor(
    private readonly table: PlainTable,
    private readonly output: CopyBuffer,
    private readonly runs: OrderRuns,
  ) {
    this.delimiter = table.delimiter.charCodeAt(0);
    this.constants = Buffer.from(table.constants);
    this.tailBytes = numbersBytes + this.constants.length;
  }

  /** Takes plain rows from `from` on. @returns where the first line that is not plain starts; the block's length if none */
  take(block: Buffer, from: number): number {
    const { output } = this;
    for (let at = from; at < block.length;) {
      if (block[at] === lineFeed) {
        at++;
        this.line++;
        continue;
      }
      const { length } = output;
      const end = this.row(block, at);
      if (output.length + this.tailBytes > output.bytes.length) {
        output.length = length;
        output.grow();
        continue;
      }
      if (end < 0) {
        output.length = length;
        return at;
      }
      this.finishRow(block);
      at = end;
    }
    return block.length;
  }

  /** @returns just behind the row, or -1 where it is not plain; what was written of it is then void */
  private row(block: Buffer, from: number): number {
    const { columns, order, product, quantity, price, ofProduct } = this.table;
    const last = columns.length - 1;
    let at = from;
    let pieces = 0;
    let amount = 0;
    this.digits(this.line);
    for (let column = 0; column <= last; column++) {
      at = this.field(block, at, column === last);
      if (at < 0) return -1;
      const plan = columns[column]!;
      if (plan === null) continue;
      this.byte(tab);
      if (!this.value(block, plan)) return -1;
      if (column === quantity) pieces = this.size;
      else if (column === price) amount = this.size;
      else if (column === order) {
        this.orderStart = this.start;
        this.orderEnd = this.end;
      } else if (column === product && ofProduct) this.productText = this.textOfProduct(block, ofProduct);
    }
    return quantity >= 0 && price >= 0 && pieces * (amount + 1) > maximumAmount ? -1 : at;
  }

  private finishRow(block: Buffer): void {
    this.copy(this.constants, 0, this.constants.length);
    if (this.productText) this.copy(this.productText, 0, this.productText.length);
    if (this.table.order >= 0) {
      this.runs.next(block, this.orderStart, this.orderEnd);
      this.byte(tab);
      this.digits(this.runs.order);
      this.byte(tab);
      this.digits(this.runs.line);
    }
    this.byte(lineFeed);
    this.line++;
    this.count++;
  }

  /** Finds the field that starts at `from`. @returns just behind what ends it, or -1 where that is not plain */
  private field(block: Buffer, from: number, isLast: boolean): number {
    const { delimiter } = this;
    let at = from;
    let byte = 0;
    for (; at < block.length; at++) {
      byte = block[at]!;
      if (byte === delimiter || byte < space || byte === quote || byte === backslash) break;
    }
    if (at === block.length) return -1;
    let behind = at + 1;
    if (isLast) {
      if (byte === carriageReturn && block[behind] === lineFeed) behind++;
      else if (byte !== lineFeed) return -1;
    } else if (byte !== delimiter) return -1;
    let start = from;
    let end = at;
    while (start < end && block[start] === space) start++;
    while (end > start && block[end - 1] === space) end--;
    // Beyond ASCII there are other spaces.
    if (end > start && (block[start]! > 0x7e || block[end - 1]! > 0x7e)) return -1;
    this.start = start;
    this.end = end;
    return behind;
  }

  private value(block: Buffer, { kind, required, longest, empties }: PlainColumn): boolean {
    this.size = 0;
    if (empties.length > 0 && this.isOneOf(block, empties)) this.end = this.start;
    const { start, end } = this;
    if (start === end) {
      this.byte(backslash);
      this.byte(capitalN);
      return !required;
    }
    if (kind === 'instant') return this.instant(block);
    if (end - start > longest) return false;
    if (kind === 'id' && end - start > 1 && mayBeShortened(block[start + 1]!)) return false;
    this.copy(block, start, end);
    return kind === 'id' || kind === 'text' || this.isNumber(block, kind === 'decimal');
  }

  private isOneOf(block: Buffer, values: readonly Buffer[]): boolean {
    const { start, end } = this;
    return values.some((value) => {
      if (value.length !== end - start) return false;
      for (let i = 0; i < value.length; i++) if (value[i] !== block[start + i]) return false;
      return true;
    });
  }

  private isNumber(block: Buffer, decimal: boolean): boolean {
    const { end } = this;
    const start = block[this.start] === minus ? this.start + 1 : this.start;
    let at = start;
    let value = 0;
    for (; at < end && isDigit(block[at]!); at++) value = value * 10 + block[at]! - zero;
    if (at === start || at - start > (decimal ? decimalDigits : wholeDigits)) return false;
    this.size = value;
    if (at === end) return true;
    if (!decimal || block[at] !== point) return false;
    const fraction = at + 1;
    for (at = fraction; at < end && isDigit(block[at]!); at++);
    return at === end && at > fraction && at - fraction <= decimalDigits;
  }

  /** `yyyy-mm-dd`, with or without ` hh:mm` and `:ss` (or with a `T`), in UTC. */
  private instant(block: Buffer): boolean {
    const { start, end } = this;
    const length = end - start;
    if (length !== 10 && length !== 16 && length !== 19) return false;
    if (block[start + 4] !== minus || block[start + 7] !== minus) return false;
    const year = pair(block, start) * 100 + pair(block, start + 2);
    const month = pair(block, start + 5);
    const day = pair(block, start + 8);
    // A pair that is none is NaN, and no comparison with it holds.
    if (!(year >= firstYear && month >= 1 && month <= 12 && day >= 1)) return false;
    if (day > (month === 2 && isLeap(year) ? 29 : daysOfMonths[month - 1]!)) return false;
    if (!((year * 100 + month) * 100 + day < this.today)) return false;
    if (length > 10) {
      if ((block[start + 10] !== space && block[start + 10] !== capitalT) || block[start + 13] !== colon) return false;
      if (!(pair(block, start + 11) <= 23 && pair(block, start + 14) <= 59)) return false;
      if (length > 16 && !(block[start + 16] === colon && pair(block, start + 17) <= 59)) return false;
    }
    this.copy(block, start, end);
    this.copy(utcOf[length]!, 0, utcOf[length]!.length);
    return true;
  }

  private textOfProduct(block: Buffer, ofProduct: (code: string) => string): Buffer {
    const code = block.toString('utf8', this.start, this.end);
    const known = this.productTexts.get(code);
    if (known) return known;
    const text = Buffer.from(ofProduct(code));
    if (this.productTexts.size < keptProducts) this.productTexts.set(code, text);
    return text;
  }

  private byte(byte: number): void {
    this.output.bytes[this.output.length++] = byte;
  }

  private copy(bytes: Buffer, start: number, end: number): void {
    const { output } = this;
    const target = output.bytes;
    let { length } = output;
    for (let i = start; i < end; i++) target[length++] = bytes[i]!;
    output.length = length;
  }

  /** A whole number from 0 on. */
  private digits(number: number): void {
    let size = 1;
    for (let power = 10; power <= number; power *= 10) size++;
    const { output } = this;
    output.length += size;
    for (let at = output.length - 1, left = number; size > 0; size--, at--) {
      const tens = Math.floor(left / 10);
      output.bytes[at] = zero + left - 10 * tens;
      left = tens;
    }
  }
}

/** What makes an instant of a length whole: seconds where there are none, and the zone. */
const utcOf: Readonly<Record<number, Buffer>> = {
  10: Buffer.from(' 00:00:00Z'),
  16: Buffer.from(':00Z'),
  19: Buffer.from('Z'),
};

/** Of an id's second byte: a spreadsheet may have made `5.8E+18` or `2E+12` of a long number. */
const mayBeShortened = (byte: number): boolean =>
  byte === point || byte === comma || byte === capitalE || byte === smallE;

const isDigit = (byte: number): boolean => byte >= zero && byte <= zero + 9;

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** Two digits as a number, NaN where they are none. */
function pair(bytes: Buffer, at: number): number {
  const tens = bytes[at]!;
  const ones = bytes[at + 1]!;
  return isDigit(tens) && isDigit(ones) ? (tens - zero) * 10 + ones - zero : NaN;
}

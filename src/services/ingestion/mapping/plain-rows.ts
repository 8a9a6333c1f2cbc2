import { dayOf } from '../../../days.js';
import type { CopyBuffer } from '../staging/copy-buffer.js';
import { carriageReturn, lineFeed } from '../files/line-ends.js';
import type { OrderRuns } from '../staging/order-runs.js';
import { isPlainInstant, mayBeShortened, plainNumber, utcOf } from './plain-values.js';
import { maximumAmount } from '../values.js';

export interface PlainColumn {
  readonly kind: 'id' | 'text' | 'decimal' | 'whole' | 'instant';
  readonly required: boolean;
  /** Longest text, in bytes. */
  readonly longest: number;
  /** Texts that stand for an empty field. */
  readonly empties: readonly Buffer[];
  /** The column's name in the header. */
  readonly title: Buffer;
}

export interface PlainTable {
  readonly delimiter: string;
  /** In the order of the file; null for a column that is not mapped. */
  readonly columns: readonly (PlainColumn | null)[];
  /** Positions of the columns that need further treatment; -1 where there is none. */
  readonly order: number;
  readonly product: number;
  readonly quantity: number;
  readonly price: number;
  /** COPY text of the constants after the columns of each row, with a tab before each value. */
  readonly constants: string;
  /** COPY text, tab included, that follows the constants for a product's code ('' for none). */
  readonly ofProduct: ((code: string) => string) | null;
}

const space = 0x20;
const quote = 0x22;
const capitalN = 0x4e;
const backslash = 0x5c;
const tab = 0x09;
/** Room for the row's numbers, and for `ofProduct`. */
const numbersBytes = 64;
/** Number of products whose `ofProduct` is cached. */
const keptProducts = 100_000;

/**
 * Turns plain rows of UTF-8 CSV into COPY text without making strings, which is several times as fast as with them. A row is plain if it
 * has as many columns as the header, no quote, no backslash, no control character, and values written in the most usual way. Any other
 * row is left to `CsvReader` and `RowMapper`; only they reject rows. They would accept every plain row, with the same values.
 */
export class PlainRows {
  /** Line of the next row. */
  line = 1;
  /** Rows taken. */
  count = 0;
  private readonly delimiter: number;
  private readonly constants: Buffer;
  private readonly productTexts = new Map<string, Buffer>();
  /** As yyyymmdd. Instants from this day on may lie in the future. */
  private readonly today = Number(dayOf(new Date()).replaceAll('-', ''));
  /** Bytes that suffice for what follows a row's values. */
  private readonly tailBytes: number;
  // The field that was read last: its bounds without the spaces around it, and the size of its number.
  private start = 0;
  private end = 0;
  private size = 0;
  // The row that is being read.
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

  /** Takes plain rows from `from` on. @returns the start of the first line that is not plain; the block's length if all are */
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

  /** @returns the position after the row; -1 if it is not plain, and what was written of it is to be discarded */
  private row(block: Buffer, from: number): number {
    const { output, table } = this;
    const { columns, order, product, quantity, price, ofProduct } = table;
    const last = columns.length - 1;
    let at = from;
    let pieces = 0;
    let amount = 0;
    output.digits(this.line);
    for (let column = 0; column <= last; column++) {
      at = this.field(block, at, column === last);
      if (at < 0) return -1;
      const plan = columns[column];
      if (!plan) continue;
      output.byte(tab);
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
    const { output, constants, productText } = this;
    output.copy(constants, 0, constants.length);
    if (productText) output.copy(productText, 0, productText.length);
    if (this.table.order >= 0) {
      this.runs.next(block, this.orderStart, this.orderEnd);
      output.byte(tab);
      output.digits(this.runs.order);
      output.byte(tab);
      output.digits(this.runs.line);
    }
    output.byte(lineFeed);
    this.line++;
    this.count++;
  }

  /** Finds the field that starts at `from`. @returns the position after its delimiter or line end, or -1 if it is not plain */
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
    // It may be one of the spaces beyond ASCII.
    if (end > start && (block[start]! > 0x7e || block[end - 1]! > 0x7e)) return -1;
    this.start = start;
    this.end = end;
    return behind;
  }

  private value(block: Buffer, { kind, required, longest, empties, title }: PlainColumn): boolean {
    this.size = 0;
    if (empties.length > 0 && this.isOneOf(block, empties)) this.end = this.start;
    const { output, start, end } = this;
    if (start === end) {
      output.byte(backslash);
      output.byte(capitalN);
      return !required;
    }
    if (kind === 'instant') {
      if (!isPlainInstant(block, start, end, this.today)) return false;
      const rest = utcOf[end - start]!;
      output.copy(block, start, end);
      output.copy(rest, 0, rest.length);
      return true;
    }
    if (end - start > longest) return false;
    if (kind === 'id' && end - start > 1 && mayBeShortened(block[start + 1]!)) return false;
    // The row may be the header once more.
    if (kind === 'id' && end - start === title.length && block.compare(title, 0, title.length, start, end) === 0)
      return false;
    output.copy(block, start, end);
    if (kind === 'id' || kind === 'text') return true;
    this.size = plainNumber(block, start, end, kind === 'decimal');
    return this.size >= 0;
  }

  private isOneOf(block: Buffer, values: readonly Buffer[]): boolean {
    const { start, end } = this;
    return values.some((value) => {
      if (value.length !== end - start) return false;
      for (let i = 0; i < value.length; i++) if (value[i] !== block[start + i]) return false;
      return true;
    });
  }

  private textOfProduct(block: Buffer, ofProduct: (code: string) => string): Buffer {
    const code = block.toString('utf8', this.start, this.end);
    const known = this.productTexts.get(code);
    if (known) return known;
    const text = Buffer.from(ofProduct(code));
    if (this.productTexts.size < keptProducts) this.productTexts.set(code, text);
    return text;
  }
}

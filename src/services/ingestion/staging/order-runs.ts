/**
 * Numbers the orders of a file of order lines, and the lines of each: consecutive rows with the same order id are one order. Unless
 * `ascend`, an id may come again further down, which is looked for in the staging tables.
 */
export class OrderRuns {
  /** Number of the current row's order, from 1. */
  order = 0;
  /** Number of the current row within its order, from 1. */
  line = 0;
  /** Whether ids ascend from order to order, by length and then by bytes: then none comes again. */
  ascend = true;
  private last = Buffer.alloc(64);
  /** Shorter than any id before the first one. */
  private lastLength = -1;

  /** @param bytes the row's order id lies in `bytes[start, end)` */
  next(bytes: Buffer, start: number, end: number): void {
    if (this.isLast(bytes, start, end)) {
      this.line++;
      return;
    }
    if (this.ascend) this.ascend = this.isGreater(bytes, start, end);
    this.order++;
    this.line = 1;
    this.lastLength = end - start;
    if (this.last.length < this.lastLength) this.last = Buffer.alloc(2 * this.lastLength);
    bytes.copy(this.last, 0, start, end);
  }

  private isGreater(bytes: Buffer, start: number, end: number): boolean {
    const { last, lastLength } = this;
    if (end - start !== lastLength) return end - start > lastLength;
    return bytes.compare(last, 0, lastLength, start, end) > 0;
  }

  private isLast(bytes: Buffer, start: number, end: number): boolean {
    const { last, lastLength } = this;
    if (end - start !== lastLength) return false;
    // From the end, where consecutive ids differ.
    for (let i = lastLength - 1; i >= 0; i--) if (last[i] !== bytes[start + i]) return false;
    return true;
  }
}

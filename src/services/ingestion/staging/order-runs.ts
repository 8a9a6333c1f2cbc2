/**
 * Numbers the orders of a file of lines, and the lines of each: rows that follow each other with the same order id are
 * one order. Whether an id comes again further down is for the staging tables to find, unless `ascend`.
 */
export class OrderRuns {
  /** Of the current row's order, from 1. */
  order = 0;
  /** Of the current row within its order, from 1. */
  line = 0;
  /** Whether ids grew with every order, by length and then by bytes: then none came again. */
  ascend = true;
  private last = Buffer.alloc(64);
  private lastLength = -1;

  /** @param bytes the row's order id lies in `bytes[start, end)` */
  next(bytes: Buffer, start: number, end: number): void {
    if (this.isLast(bytes, start, end)) {
      this.line++;
      return;
    }
    if (this.ascend && this.lastLength >= 0) this.ascend = this.isGreater(bytes, start, end);
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
    // Ids that follow each other differ at their ends.
    for (let i = lastLength - 1; i >= 0; i--) if (last[i] !== bytes[start + i]) return false;
    return true;
  }
}

/** One row of a file as text. */
export interface Row {
  /** Line on which the row starts, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** Why the row could not be read; `fields` then holds its first line only. */
  readonly malformed?: string;
}

/** A table as a stream of rows. */
export interface RowSource {
  readonly header: readonly string[];
  readonly batches: AsyncIterable<readonly Row[]>;
}

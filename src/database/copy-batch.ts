import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { copyText } from './copy-text.js';

type Value = string | number | boolean | Date | null;

/** Rows of one table, kept as COPY's text format until they are sent. */
export class CopyBatch {
  private rows: string[] = [];

  /** @param columns as in SQL, in the order of the values of each row */
  constructor(
    private readonly table: string,
    private readonly columns: readonly string[],
  ) {}

  add(...values: readonly Value[]): void {
    let row = '';
    for (let i = 0; i < values.length; i++) row += (i === 0 ? '' : '\t') + encode(values[i] as Value);
    this.rows.push(`${row}\n`);
  }

  /** Sends the rows and forgets them; returns how many there were. */
  async send(client: pg.ClientBase): Promise<number> {
    const count = this.rows.length;
    const text = this.rows.join('');
    this.rows = [];
    if (count === 0) return 0;
    const sink = client.query(copyFrom(`copy ${this.table} (${this.columns.join(', ')}) from stdin`));
    await pipeline(Readable.from([Buffer.from(text)]), sink);
    return count;
  }
}

function encode(value: Value): string {
  if (value === null) return '\\N';
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'string') return String(value);
  return copyText(value);
}

import { createWriteStream, type WriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { once } from 'node:events';
import Papa from 'papaparse';
import { ClvError } from '../../errors.js';
import type { Rejection } from './import.types.js';

/** What a spreadsheet would work out, but for negative numbers. */
const formula = /^[=+@\t\r]|^-(?!\d)/;
const columns = ['file', 'line', 'column', 'value', 'reason'];

/** Counts rejected rows by reason and lists them in a CSV file, which is made at the first; without any, none is left. */
export class Rejections {
  readonly byReason: Record<string, number> = {};
  count = 0;
  private output: WriteStream | undefined;

  constructor(
    private readonly file: string,
    private readonly path: string | undefined,
  ) {}

  async add(rejections: readonly Rejection[]): Promise<void> {
    if (rejections.length === 0) return;
    for (const { reason } of rejections) this.byReason[reason] = (this.byReason[reason] ?? 0) + 1;
    this.count += rejections.length;
    if (this.path === undefined) return;
    this.output ??= await openReport(this.path);
    const rows = rejections.map(({ line, column, value, reason }) => [this.file, line, column, value, reason]);
    if (!this.output.write(Papa.unparse(rows, { newline: '\n', escapeFormulae: formula }) + '\n'))
      await once(this.output, 'drain');
  }

  /** A list of an earlier load would look like this one's. */
  async removeOld(): Promise<void> {
    if (this.count === 0 && this.path !== undefined) await rm(this.path, { force: true });
  }

  async close(): Promise<void> {
    if (!this.output) return;
    this.output.end();
    await once(this.output, 'close');
  }
}

async function openReport(path: string): Promise<WriteStream> {
  // Rejected rows may hold what nobody else may read.
  const output = createWriteStream(path, { mode: 0o600 });
  try {
    await once(output, 'open');
  } catch (error) {
    throw new ClvError('IMPORT_INVALID', `The list of rejected rows cannot be written: ${(error as Error).message}`, {
      cause: error,
    });
  }
  output.write(columns.join(',') + '\n');
  return output;
}

import { createWriteStream, type WriteStream } from 'node:fs';
import { lstat, open, rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import Papa from 'papaparse';
import { ClvError, reasonOf } from '../../../errors.js';
import { quoted } from '../../../text.js';
import { withoutFormulas } from '../../spreadsheet-text.js';
import type { Rejection } from '../import.types.js';

/** Values that are listed as they are, since a spreadsheet does not run them as formulas. */
const number = /^-?[\d.,]+$/;
const header = 'file,line,column,value,reason\n';

const cell = (text: string): string => (number.test(text) ? text : withoutFormulas(text));

/** Counts rejected rows by column and reason, and lists them in a CSV file, which is made for the first of them. */
export class Rejections {
  readonly byReason: Record<string, number> = {};
  count = 0;
  private output: WriteStream | undefined;

  private constructor(
    private readonly file: string,
    private readonly path: string | undefined,
    /** Added to the message where the list cannot be written: what became of the load. */
    private readonly outcome: string,
  ) {}

  /** @throws ClvError IMPORT_INVALID where the list would replace another file, such as the one that is loaded */
  static async at(path: string | undefined, file: string, outcome: string): Promise<Rejections> {
    if (path !== undefined && (await isOtherFile(path))) {
      throw new ClvError(
        'IMPORT_INVALID',
        `The list of rejected rows would replace ${path}, which is another file: name a new one with --rejections.`,
      );
    }
    return new Rejections(file, path, outcome);
  }

  async add(rejections: readonly Rejection[]): Promise<void> {
    if (rejections.length === 0) return;
    for (const { column, reason } of rejections) {
      const told = column === '' ? reason : `${quoted(column)} ${reason}`;
      this.byReason[told] = (this.byReason[told] ?? 0) + 1;
    }
    this.count += rejections.length;
    if (this.path === undefined) return;
    const output = (this.output ??= await this.open(this.path));
    const rows = rejections.map(({ line, column, value, reason }) =>
      [this.file, String(line), column, value, reason].map(cell),
    );
    const text = Papa.unparse(rows, { newline: '\n' }) + '\n';
    await this.taken(output, async () => {
      if (!output.write(text)) await once(output, 'drain');
    });
  }

  /** If nothing was rejected, removes the list of an earlier load, which would be taken for this one's. */
  async removeOld(): Promise<void> {
    if (this.count > 0 || this.path === undefined) return;
    // Leaves /dev/null and links such as /dev/stderr.
    const found = await lstat(this.path).catch(() => null);
    if (found?.isFile()) await rm(this.path, { force: true });
  }

  /** To be called when all were added: completes the list. */
  async finish(): Promise<void> {
    const { output } = this;
    if (!output) return;
    await this.taken(output, async () => {
      output.end();
      await once(output, 'close');
    });
  }

  close(): void {
    this.output?.destroy();
  }

  private async open(path: string): Promise<WriteStream> {
    // Rejected rows may hold personal data.
    const output = createWriteStream(path, { mode: 0o600 });
    // `taken` throws it at the next write.
    output.on('error', () => undefined);
    await this.taken(output, () => once(output, 'open'));
    output.write(header);
    return output;
  }

  /** @throws ClvError IMPORT_INVALID where writing fails, as on a full disk */
  private async taken(output: WriteStream, write: () => Promise<unknown>): Promise<void> {
    try {
      if (output.errored) throw output.errored;
      await write();
    } catch (cause) {
      throw new ClvError(
        'IMPORT_INVALID',
        `The list of rejected rows cannot be written: ${reasonOf(cause)}. Make room for it, or name another file by ` +
          `--rejections. ${this.outcome}`,
        { cause },
      );
    }
  }
}

/** Whether the file exists and is not a list of rejected rows. If it cannot be read, writing will fail with the reason. */
async function isOtherFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile() || found.size === 0) return false;
  const file = await open(path).catch(() => null);
  if (!file) return false;
  const { buffer } = await file.read(Buffer.alloc(header.length)).finally(() => file.close());
  return buffer.toString() !== header;
}

import { createReadStream, type ReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { type Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ClvError } from '../../../errors.js';

const blockBytes = 256 * 1024;
/** First four bytes of files that are no text, and what is to be done with them. */
const refusals: ReadonlyMap<number, string> = new Map([
  [0x504b0304, 'is an Excel or a ZIP file: save its table as CSV, or unpack it.'],
  [0xd0cf11e0, 'is an Excel file: save its table as CSV.'],
  [0x50415231, "is a Parquet file: write its table as CSV, in DuckDB by copy (from 'x.parquet') to 'x.csv'."],
]);

/** A file's bytes, unpacked if it is gzipped, which its first bytes say. */
export class FileSource {
  private constructor(
    readonly path: string,
    private readonly file: ReadStream,
    private readonly size: number,
    private readonly content: Readable,
  ) {}

  /** @throws ClvError IMPORT_INVALID for a file that cannot be read or is empty, for a file of another format, a pipe and a folder */
  static async open(path: string): Promise<FileSource> {
    const { size, magic } = await inspect(path);
    const refusal = refusals.get(magic.readUInt32BE(0));
    if (refusal) throw new ClvError('IMPORT_INVALID', `${path} ${refusal}`);
    const file = createReadStream(path, { highWaterMark: blockBytes });
    if (magic.readUInt16BE(0) !== 0x1f8b) return new FileSource(path, file, size, file);
    const gunzip = createGunzip({ chunkSize: blockBytes });
    // Errors are thrown to the reader of the last stream.
    pipeline(file, gunzip, () => undefined);
    return new FileSource(path, file, size, gunzip);
  }

  /** Share of the file that was read, 0 to 1. */
  get fraction(): number {
    return Math.min(1, this.file.bytesRead / this.size);
  }

  async *blocks(): AsyncGenerator<Buffer> {
    try {
      yield* this.content as AsyncIterable<Buffer>;
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error)) throw error;
      const what = String(error.code).startsWith('Z_') ? 'is a damaged or truncated gzip file' : 'cannot be read';
      throw new ClvError('IMPORT_INVALID', `${this.path} ${what}: ${error.message}`, { cause: error });
    }
  }

  close(): void {
    this.file.destroy();
    this.content.destroy();
  }
}

async function inspect(path: string): Promise<{ size: number; magic: Buffer }> {
  if (path === '-') throw noFile('Standard input');
  const found = await readable(path, () => stat(path));
  if (!found.isFile()) throw noFile(path);
  if (found.size === 0) throw new ClvError('IMPORT_INVALID', `${path} is empty.`);
  const magic = await readable(path, async () => {
    const start = Buffer.alloc(4);
    const file = await open(path);
    await file.read(start, 0, start.length, 0).finally(() => file.close());
    return start;
  });
  return { size: found.size, magic };
}

/** Pipes are refused: their end does not say whether the writer was done, and orders of half a file would lose lines. */
function noFile(what: string): ClvError {
  return new ClvError(
    'IMPORT_INVALID',
    `${what} is not a file. Write the table to disk first, gzipped or not: if the writer of a pipe failed, half a table would be loaded.`,
  );
}

async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new ClvError('IMPORT_INVALID', `${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

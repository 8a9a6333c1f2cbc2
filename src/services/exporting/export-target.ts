import { randomUUID } from 'node:crypto';
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { ClvError, reasonOf } from '../../errors.js';

/** Whoever reads the output had enough. */
export const outputClosed = new Error('the output was closed');

/** Where an export goes. */
export interface ExportTarget {
  write(text: string): Promise<void>;
  /** Everything was written. */
  finish(): Promise<void>;
  /** It was not: nothing must look as if it had been. */
  abandon(): Promise<void>;
}

/**
 * A file that is there only when it is complete: it is written beside its place, under another name, and then takes the
 * place of an older one. Only its owner may read it.
 * @throws ClvError BAD_USER_INPUT where it cannot be written
 */
export async function openFileTarget(path: string): Promise<ExportTarget> {
  const partial = `${path}.${randomUUID()}.partial`;
  const what = `The file ${path}`;
  const file = await written(what, () => opened(path, partial));
  return {
    write: (text) => written(what, () => file.writeFile(text)),
    finish: () =>
      written(what, async () => {
        await file.sync();
        await file.close();
        await rename(partial, path);
      }),
    async abandon() {
      await file.close().catch(() => undefined);
      await rm(partial, { force: true });
    },
  };
}

async function opened(path: string, partial: string): Promise<FileHandle> {
  const there = await lstat(path).catch(() => null);
  // The new file would take the place of the link, not of the file that it leads to; `/dev/stdout` is one, too.
  if (there?.isSymbolicLink()) throw new TypeError('it is a symbolic link, not the file that it leads to');
  if (there && !there.isFile()) throw new TypeError('it exists, and is not an ordinary file');
  return open(partial, 'wx', 0o600);
}

/**
 * @param output such as standard output, which stays open. Its end is told as `outputClosed` where whoever reads it had
 *   enough, else as BAD_USER_INPUT
 */
export function streamTarget(output: Writable): ExportTarget {
  return {
    write: (text) =>
      written(
        'Standard output',
        () =>
          new Promise<void>((resolve, reject) => {
            output.write(text, (error) => (error ? reject(error) : resolve()));
          }),
      ),
    finish: async () => undefined,
    abandon: async () => undefined,
  };
}

async function written<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EPIPE') throw outputClosed;
    const message = `${what} cannot be written: ${reasonOf(cause)}. Write to another place, or make room there.`;
    throw new ClvError('BAD_USER_INPUT', message, { cause });
  }
}

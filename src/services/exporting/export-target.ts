import { randomUUID } from 'node:crypto';
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { ClvError, reasonOf } from '../../errors.js';

/** The reader of the output has closed it. */
export const outputClosed = new Error('the output was closed');

/** Where an export goes. */
export interface ExportTarget {
  write(text: string): Promise<void>;
  /** To be called when everything was written. */
  finish(): Promise<void>;
  /** To be called when the export failed: nothing may look complete. */
  abandon(): Promise<void>;
}

/**
 * A file that appears only when it is complete: it is written beside its place under another name, and then replaces an older one. Only its
 * owner may read it.
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
  // The new file would replace the link, not the file that it leads to. `/dev/stdout` is a link, too.
  if (there?.isSymbolicLink()) throw new TypeError('it is a symbolic link, not the file that it leads to');
  if (there && !there.isFile()) throw new TypeError('it exists, and is not an ordinary file');
  return open(partial, 'wx', 0o600);
}

/**
 * @param output such as standard output, which stays open. If its reader closes it, `outputClosed` is thrown; for any other failure,
 *   BAD_USER_INPUT
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

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { ClvError, reasonOf } from '../../errors.js';

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
  const file = await opened(path, partial);
  return {
    write: (text) => file.writeFile(text),
    async finish() {
      await file.sync();
      await file.close();
      await rename(partial, path);
    },
    async abandon() {
      await file.close().catch(() => undefined);
      await rm(partial, { force: true });
    },
  };
}

async function opened(path: string, partial: string): Promise<FileHandle> {
  try {
    const there = await stat(path).catch(() => null);
    if (there && !there.isFile()) throw new TypeError('it is there, and is no ordinary file');
    return await open(partial, 'wx', 0o600);
  } catch (cause) {
    throw new ClvError('BAD_USER_INPUT', `The file ${path} cannot be written: ${reasonOf(cause)}.`, { cause });
  }
}

/** @param output such as standard output, which stays open */
export function streamTarget(output: Writable): ExportTarget {
  return {
    async write(text) {
      if (!output.write(text)) await once(output, 'drain');
    },
    finish: async () => undefined,
    abandon: async () => undefined,
  };
}

import { readFile, stat } from 'node:fs/promises';
import { UnreadableFile } from '../../ml/media/unreadable-file.js';

/** Limited, since files are read whole: far more than a picture of a product, and half an hour of sound in CD quality. */
const mostBytes = 320 * 1024 * 1024;

/** @throws UnreadableFile */
export async function readMedium(file: string): Promise<Buffer> {
  if (/\bhttps?:\/+/.test(file)) throw new UnreadableFile('is a web address: download the file first');
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new UnreadableFile('is not a file');
    if (found.size > mostBytes) throw new UnreadableFile('is larger than 320 MiB');
    return await readFile(file);
  } catch (error) {
    if (error instanceof UnreadableFile) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UnreadableFile(code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`, { cause: error });
  }
}

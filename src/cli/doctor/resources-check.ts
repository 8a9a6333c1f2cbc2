import { existsSync } from 'node:fs';
import { access, constants, stat, statfs } from 'node:fs/promises';
import { availableMemory } from 'node:process';
import { dirname, resolve } from 'node:path';
import { usableMemory } from '../../memory.js';
import { blocking, type Finding, ok, warn } from './finding.js';

const GiB = 1024 ** 3;
/** What an empty cluster of Postgres takes with its write-ahead log. */
const leastDisk = 0.25 * GiB;
const comfortableDisk = 5 * GiB;
/** What the server, one worker that fine-tunes the built-in base, and Postgres take together. */
const comfortableMemory = 2 * GiB;

/** Checks the free space where the embedded Postgres keeps its data. */
export async function checkDisk(dataDirectory: string): Promise<Finding> {
  let folder = resolve(dataDirectory);
  while (!existsSync(folder)) folder = dirname(folder);
  const isWritable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!isWritable || !(await stat(folder)).isDirectory()) {
    return blocking('Disk', `${folder} cannot be written`, 'Set CLVGRAPH_DATA_DIR to a folder that can.');
  }
  const { bavail, bsize } = await statfs(folder);
  return judgeDisk(bavail * bsize, folder);
}

export function judgeDisk(free: number, folder: string): Finding {
  const found = `${gibibytes(free)} free at ${folder}`;
  const remedy = 'Free some space, or set CLVGRAPH_DATA_DIR to a folder on a larger disk.';
  if (free < leastDisk) return blocking('Disk', found, remedy);
  return free < comfortableDisk ? warn('Disk', found, remedy) : ok('Disk', found);
}

export function checkMemory(): Finding {
  return judgeMemory(usableMemory(), availableMemory());
}

export function judgeMemory(total: number, available: number): Finding {
  const found = `${gibibytes(total)}, ${gibibytes(available)} of it available`;
  return available < comfortableMemory
    ? warn('Memory', found, 'Set CLVGRAPH_WORKERS=1, or give the machine or the container more memory.')
    : ok('Memory', found);
}

function gibibytes(bytes: number): string {
  return `${(bytes / GiB).toFixed(1)} GiB`;
}

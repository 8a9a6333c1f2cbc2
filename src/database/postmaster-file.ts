import { readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What a running server writes about itself into its data directory. */
export interface Postmaster {
  readonly pid: number;
  /** The data directory that it runs on. In a copy of a running server's files, this is the original. */
  readonly cluster: string;
  readonly isOfCopy: boolean;
  /**
   * Whether the process that has its number now is another one, as after a power failure, or a dead one whose parent never asks for its end,
   * as in containers. Postgres takes both for the server, and would never start. Only Linux tells.
   */
  readonly isReplaced: boolean;
  /** Whether it takes no more connections and ends; after SIGTERM only once all that it has are closed. */
  readonly isStopping: boolean;
}

export const postmasterFile = (cluster: string): string => join(cluster, 'postmaster.pid');

/** Null where no server runs. One that was killed leaves its file, and is returned, too. */
export async function readPostmaster(cluster: string): Promise<Postmaster | null> {
  const noted = await readFile(postmasterFile(cluster), 'utf8').catch(() => '');
  const [pid, folder, , , , , , state = ''] = noted.split('\n');
  if (!Number(pid) || !folder) return null;
  const isOfCopy = (await realPath(folder)) !== (await realPath(cluster));
  return {
    pid: Number(pid),
    cluster: folder,
    isOfCopy,
    isReplaced: !isOfCopy && (await isReplaced(pid!, cluster)),
    isStopping: state.trim() === 'stopping',
  };
}

async function isReplaced(pid: string, cluster: string): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  if (/\) [ZX] /.test(state)) return true;
  try {
    // A server works in its cluster. Without a right to see where a process works, nothing is known of it.
    const [its, own] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(cluster)]);
    return its.dev !== own.dev || its.ino !== own.ino;
  } catch {
    return false;
  }
}

const realPath = (path: string): Promise<string> => realpath(path).catch(() => path);

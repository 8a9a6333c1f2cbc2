import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** What a running server writes about itself into its data directory. */
export interface Postmaster {
  readonly pid: number;
  /** The data directory that it runs on. In a copy of a running server's files, this is the original. */
  readonly cluster: string;
  readonly isOfCopy: boolean;
}

/** Null where no server runs. One that was killed leaves its file, and is returned, too. */
export async function readPostmaster(cluster: string): Promise<Postmaster | null> {
  const noted = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const [pid, folder] = noted.split('\n');
  if (!Number(pid) || !folder) return null;
  return { pid: Number(pid), cluster: folder, isOfCopy: (await realPath(folder)) !== (await realPath(cluster)) };
}

const realPath = (path: string): Promise<string> => realpath(path).catch(() => path);

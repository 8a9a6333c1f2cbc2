import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** A server as it notes itself in its data directory while it runs. */
export interface Postmaster {
  readonly pid: number;
  /** Where it runs: another one in a copy that was made of the files of a running server. */
  readonly cluster: string;
  readonly isOfCopy: boolean;
}

/** Null where none runs, or ran when it was killed. */
export async function readPostmaster(cluster: string): Promise<Postmaster | null> {
  const noted = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const [pid, folder] = noted.split('\n');
  if (!Number(pid) || !folder) return null;
  return { pid: Number(pid), cluster: folder, isOfCopy: (await realPath(folder)) !== (await realPath(cluster)) };
}

const realPath = (path: string): Promise<string> => realpath(path).catch(() => path);

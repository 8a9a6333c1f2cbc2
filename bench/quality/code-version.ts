import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Commit of the sources, with a plus where they differ from it; `unknown` outside a repository. */
export async function codeVersion(): Promise<string> {
  try {
    const commit = (await run('git', ['rev-parse', '--short=10', 'HEAD'])).stdout.trim();
    const changed = (await run('git', ['status', '--porcelain', '--', 'src', 'models', 'bench'])).stdout.trim();
    return changed ? `${commit}+` : commit;
  } catch {
    return 'unknown';
  }
}

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { oneAtATime } from './one-at-a-time.js';

export interface ChildBuild {
  /** The compiled module of a TypeScript file, by its path from the repository's root. */
  module(path: string): URL;
}

/**
 * Vitest compiles in memory, so child processes that a test starts need JavaScript on disk. The first test file of a run
 * that needs it compiles the sources and the fixtures, the others wait; it goes when the run ends. It lies in a folder of
 * the run's own, so that neither `dist` nor other runs are in its way.
 */
export async function buildForChildProcesses(): Promise<ChildBuild> {
  const folder = inject('childBuild');
  await oneAtATime(folder, async () => {
    if (!existsSync(folder)) await compile(folder);
  });
  return { module: (path) => pathToFileURL(join(folder, path.replace(/\.ts$/, '.js'))) };
}

/** Under another name until it is complete. Type errors do not matter here; the type check is another step. */
async function compile(folder: string): Promise<void> {
  const partial = `${folder}-partial`;
  const compiler = resolve('node_modules/typescript/bin/tsc');
  const options = ['-p', 'test/support/tsconfig.children.json', '--outDir', partial];
  await promisify(execFile)(process.execPath, [compiler, ...options]);
  await rename(partial, folder);
}

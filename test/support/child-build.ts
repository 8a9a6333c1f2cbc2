import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

export interface ChildBuild extends AsyncDisposable {
  /** The compiled module of a TypeScript file, by its path from the repository's root. */
  module(path: string): URL;
}

/**
 * Vitest compiles in memory, so child processes that a test starts need JavaScript on disk. Compiles the sources and
 * the fixtures into a folder of the test file's own, so that neither `dist` nor other test files are in its way.
 * Type errors do not matter here; the type check is another step.
 */
export async function buildForChildProcesses(): Promise<ChildBuild> {
  const folder = resolve('.clvgraph', `test-build-${process.pid}`);
  const compiler = resolve('node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [
    compiler,
    '-p',
    'test/support/tsconfig.children.json',
    '--outDir',
    folder,
  ]);
  return {
    module: (path) => pathToFileURL(join(folder, path.replace(/\.ts$/, '.js'))),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

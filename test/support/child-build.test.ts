import { readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { buildForChildProcesses } from './child-build.js';

it('is made once, complete for all who ask for it at the same time', async () => {
  const builds = await Promise.all([buildForChildProcesses(), buildForChildProcesses()]);
  const programs = builds.map((build) => fileURLToPath(build.module('src/cli/main.ts')));
  const made = programs.map((program) => statSync(program));
  const later = statSync(fileURLToPath((await buildForChildProcesses()).module('src/cli/main.ts')));
  expect([...made, later].map(({ ino }) => ino)).toEqual([later.ino, later.ino, later.ino]);
  expect(readdirSync(dirname(programs[0]!)).sort()).toEqual(
    readdirSync('src/cli')
      .map((name) => name.replace(/\.ts$/, '.js'))
      .sort(),
  );
});

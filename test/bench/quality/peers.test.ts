import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runPeers } from '../../../bench/quality/peers.js';
import { protocols } from '../../../bench/quality/protocols.js';
import type { Selection } from '../../../bench/quality/steps.js';
import { useWorkingFolder } from '../../support/working-folder.js';

const selection: Selection = {
  protocols: protocols.filter(({ id }) => id === 'P4'),
  folds: [],
  seeds: [],
  fresh: false,
  dataFolder: 'nowhere',
};
const home = useWorkingFolder();

afterEach(() => vi.unstubAllEnvs());

/** A Python in the peers' environment that only notes what it is called with. */
async function notingPython(): Promise<() => Promise<string[]>> {
  const python = join('bench', '.venv', 'bin', 'python');
  await mkdir(join('bench', '.venv', 'bin'), { recursive: true });
  await writeFile(python, '#!/bin/sh\necho "$@" >> calls\n');
  await chmod(python, 0o755);
  await writeFile(join('bench', '.venv', 'bin', 'pip'), '');
  return async () => (await readFile('calls', 'utf8')).trim().split('\n');
}

describe('the peers of the quality benchmark', () => {
  it('complete an environment that was left unfinished', async () => {
    const calls = await notingPython();
    await runPeers(selection);
    expect(await calls()).toEqual([
      expect.stringMatching(/^-m pip install .*requirements\.txt$/),
      expect.stringMatching(/run\.py --work .* --skip-existing --protocol P4$/),
    ]);
  });

  it('complete an environment that was left without pip', async () => {
    const calls = await notingPython();
    await rm(join('bench', '.venv', 'bin', 'pip'));
    await writeFile(join(home.path, 'python3'), '#!/bin/sh\necho "python3 $@" >> calls\n');
    await chmod(join(home.path, 'python3'), 0o755);
    vi.stubEnv('PATH', `${home.path}:${process.env['PATH']}`);
    await runPeers(selection);
    expect((await calls())[0]).toMatch(/^python3 -m venv bench.\.venv$/);
  });

  it('say what they need where it cannot be installed', async () => {
    await notingPython();
    await writeFile(join('bench', '.venv', 'bin', 'python'), '#!/bin/sh\nexit 1\n');
    await expect(runPeers(selection)).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringMatching(
        /^The peers need Python 3\.11 or 3\.12 with venv and pip, and what .* ended with status 1\.$/,
      ),
    });
  });

  it('are told how many seeds a fold takes', async () => {
    const calls = await notingPython();
    await runPeers({ ...selection, seedCount: 2 });
    expect((await calls()).at(-1)).toMatch(/ --seeds 2$/);
  });

  it('say what they need where there is no Python', async () => {
    vi.stubEnv('PATH', home.path);
    await expect(runPeers(selection)).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringContaining('The peers need Python 3.11 or 3.12'),
    });
  });
});

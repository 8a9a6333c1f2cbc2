import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ClvError } from '../../src/errors.js';
import type { Selection } from './steps.js';
import { workFolder } from './work-folder.js';

const environment = join('bench', '.venv');
const python = join(environment, 'bin', 'python');
const pip = join(environment, 'bin', 'pip');
const folder = join('bench', 'quality', 'peers');
const requirements = join(folder, 'requirements.txt');

/**
 * Makes the peers' Python environment, or completes one that was cut short; what is there takes a second, and no network.
 * @throws ClvError ENGINE_UNAVAILABLE where that cannot be done; what failed has said why
 */
export async function preparePeers(): Promise<void> {
  try {
    // A Python without ensurepip leaves an environment without pip.
    if (!existsSync(pip)) await run('python3', ['-m', 'venv', environment]);
    await run(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ClvError(
      'ENGINE_UNAVAILABLE',
      `The peers need Python 3.11 or 3.12 with venv and pip, and what ${requirements} lists: ${reason}`,
    );
  }
}

/**
 * Fits the peers, in Python, on the exported rows.
 * @param models some of the peers; by default all
 */
export async function runPeers(
  { protocols, folds, seeds, seedCount, fresh }: Selection,
  models: readonly string[] = [],
): Promise<void> {
  await preparePeers();
  const chosen = [
    ...protocols.flatMap(({ id }) => ['--protocol', id]),
    ...folds.flatMap((fold) => ['--fold', fold]),
    ...models.flatMap((model) => ['--model', model]),
    ...seeds.flatMap((seed) => ['--seed', String(seed)]),
    ...(seedCount === undefined ? [] : ['--seeds', String(seedCount)]),
  ];
  const kept = fresh ? [] : ['--skip-existing'];
  try {
    await run(python, [join(folder, 'run.py'), '--work', workFolder, ...kept, ...chosen]);
  } catch (error) {
    // One peer that fails in one fold has been named, and costs neither the others nor the report.
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

/** @throws ClvError ENGINE_UNAVAILABLE where there is no such program, INTERNAL where it fails */
function run(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    spawn(program, args, { stdio: 'inherit' })
      .on('error', ({ message }) =>
        reject(new ClvError('ENGINE_UNAVAILABLE', `${program} does not start: ${message}.`)),
      )
      .on('close', (code) =>
        code === 0
          ? resolve()
          : reject(new ClvError('INTERNAL', `${program} ${args.join(' ')} ended with status ${code}.`)),
      );
  });
}

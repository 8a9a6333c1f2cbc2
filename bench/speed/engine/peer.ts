import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { ClvError } from '../../../src/errors.js';

export const python = join('bench', '.venv', 'bin', 'python');
export const requirements = join('bench', 'speed', 'requirements.txt');
export const pythonFolder = join('bench', 'speed', 'engine');

/** What the other side's process is started from. */
interface PeerProgram {
  /** A Python interpreter. */
  readonly program: string;
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;
}

const defaultProgram: PeerProgram = { program: python, script: join(pythonFolder, 'peer.py'), environment: {} };

/** Prints those of the packages that are not installed. */
const missingPackages = `
import sys
from importlib.metadata import PackageNotFoundError, version
for name in sys.argv[1:]:
    try:
        version(name)
    except PackageNotFoundError:
        print(name)
`;

/**
 * To be called before minutes of other work. The environment is there without these packages where another benchmark made it.
 * @throws ClvError ENGINE_UNAVAILABLE without the Python environment or one of the listed packages
 */
export function checkPython(program: string, listed: string): void {
  const install = `${join(dirname(program), 'pip')} install -r ${listed}`;
  if (!existsSync(program)) {
    throw new ClvError(
      'ENGINE_UNAVAILABLE',
      `${program} is missing. Make it: python3 -m venv ${dirname(dirname(program))} && ${install}`,
    );
  }
  const names = readFileSync(listed, 'utf8').match(/^\w[\w-]*/gm) ?? [];
  const missing = execFileSync(program, ['-c', missingPackages, ...names], { encoding: 'utf8' });
  if (missing === '') return;
  throw new ClvError(
    'ENGINE_UNAVAILABLE',
    `${program} lacks ${missing.trim().replaceAll(/\s+/g, ', ')}. Add what is missing: ${install}`,
  );
}

/** The PyTorch side: a process that does one request at a time. */
export class Peer {
  private readonly process: ChildProcessWithoutNullStreams;
  private readonly answers: AsyncIterator<string>;
  private readonly lines: Interface;
  private readonly closed: Promise<unknown>;

  constructor(threads = 2, { program, script, environment }: PeerProgram = defaultProgram) {
    this.process = spawn(program, [script], {
      env: { ...process.env, ...environment, PEER_THREADS: String(threads) },
    });
    // Long before anybody closes it, where a package is missing.
    this.closed = once(this.process, 'close');
    // What was asked of a process that has ended; that it has, the missing answer says.
    this.process.stdin.on('error', () => undefined);
    this.process.stderr.pipe(process.stderr);
    this.lines = createInterface(this.process.stdout);
    this.answers = this.lines[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** @throws ClvError INTERNAL with what the other side says went wrong */
  async ask<T>(request: Record<string, unknown>): Promise<T> {
    this.process.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new ClvError('INTERNAL', 'The PyTorch side ended; what it wrote stands above.');
    const answer = JSON.parse(value) as T | { error: string };
    if (typeof answer === 'object' && answer !== null && 'error' in answer) {
      throw new ClvError('INTERNAL', answer.error);
    }
    return answer as T;
  }

  async close(): Promise<void> {
    this.process.stdin.end();
    await this.closed;
    this.lines.close();
  }
}

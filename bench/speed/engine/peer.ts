import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { ClvError } from '../../../src/errors.js';

export const python = join('bench', '.venv', 'bin', 'python');
export const pythonFolder = join('bench', 'speed', 'engine');

/** What the other side's process is started from. */
export interface PeerProgram {
  /** A Python interpreter. */
  readonly program: string;
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;
}

const defaultProgram: PeerProgram = { program: python, script: join(pythonFolder, 'peer.py'), environment: {} };

/** @throws ClvError ENGINE_UNAVAILABLE without the Python environment that runs the script */
export function checkPython(program: string, script: string): void {
  if (existsSync(program)) return;
  throw new ClvError(
    'ENGINE_UNAVAILABLE',
    `${program} is missing. Make it: python3 -m venv ${dirname(dirname(program))}, then let its pip install ` +
      `what ${dirname(script)} or the folder above lists in requirements.txt.`,
  );
}

/** The PyTorch side: a process that does one request at a time. */
export class Peer {
  private readonly process: ChildProcessWithoutNullStreams;
  private readonly answers: AsyncIterator<string>;
  private readonly lines: Interface;
  private readonly closed: Promise<unknown>;

  /** @throws ClvError ENGINE_UNAVAILABLE without the Python environment */
  constructor(threads = 2, { program, script, environment }: PeerProgram = defaultProgram) {
    checkPython(program, script);
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

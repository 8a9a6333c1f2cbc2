import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { onlineRetail } from '../../../bench/quality/protocols.js';
import { buildForChildProcesses } from '../../support/child-build.js';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'bench-ctrl-c-'));
  // For the account that Postgres runs as, where that is another one.
  await chmod(home, 0o755);
});

afterEach(() => rm(home, { recursive: true }));

describe('a benchmark that is told to stop', () => {
  it('stops the Postgres that it has started', { timeout: 120_000 }, async () => {
    // A pipe that nobody writes into: the copy of it takes for ever.
    const file = join(home, onlineRetail.file);
    await mkdir(dirname(file), { recursive: true });
    await promisify(execFile)('mkfifo', [file]);
    const program = fileURLToPath((await buildForChildProcesses()).module('bench/import/run.ts'));
    const { DATABASE_URL: _, ...environment } = process.env;
    const bench = spawn(process.execPath, [program, '--data', home], { cwd: home, env: environment });
    const postmaster = join(home, '.clvgraph', 'bench', 'postgres', 'data', 'postmaster.pid');
    // Opened once the benchmark reads it.
    const writer = await open(file, 'w');
    expect(existsSync(postmaster)).toBe(true);
    const ended = once(bench, 'exit');
    bench.kill('SIGINT');
    await vi.waitFor(() => expect(existsSync(postmaster)).toBe(false), { timeout: 20_000 });
    // Node waits for what it reads.
    await writer.close();
    expect(await ended).toEqual([130, null]);
  });
});
